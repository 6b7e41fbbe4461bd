#pragma once

#include <taohf/host/host.hpp>
#include <taohf/lang/library.hpp>
#include <taohf/phase/spec.hpp>
#include <taohf/state/record.hpp>

#include <vector>

namespace taohf::actions {

/// Writes `.taohf/<port>/report/`: index.html (one file, no scripts, nothing loaded from
/// elsewhere), eval_report.md, report.json (taohf/report/v1) and junit.xml (one testcase a gate).
///
/// Gates, steps and times come from the recorded state; nothing is judged here. What else is shown
/// comes from results/<port>/evidence/, and a document that is absent leaves its section out with
/// a note:
///   inspection.json      taohf/inspection/v1
///   weight_map.json      {entries: [{source, op, target}], any scalar facts}
///   weight_map_proof.json {proved, relative_difference ...: scalar facts of the proof}
///   accuracy.json        {metrics: [{name, hf, tao, engine}]} or {hf: {name: x}, tao: {...}, ...}
///   training_curve.json  {x: "epoch", points: [{epoch: 0, train_loss: 2.3, ...}, ...]}
///   samples.json         [{image: path, label, hf, tao, engine}]
///
/// Returns {verdict, index, markdown, json, junit}: a word and paths relative to the workspace.
/// STORAGE error when the folder cannot be written, SPEC error when a template is wrong.
Result<Json> write_report(host::Host& host,
                          const host::Path& workspace,
                          const state::PortState& state,
                          const std::vector<phase::PhaseSpec>& phases,
                          const lang::Library& templates,
                          const Json& scope);

} // namespace taohf::actions
