#include <taohf/base/text.hpp>
#include <taohf/engine/runner.hpp>
#include <taohf/engine/scope.hpp>
#include <taohf/gates/gates.hpp>
#include <taohf/lang/interpolate.hpp>

#include <algorithm>
#include <charconv>
#include <map>

#include "step_pool.hpp"

namespace taohf::engine {

namespace {

std::ptrdiff_t place_of(const phase::PhaseSpec& phase, const std::string& step) {
    return std::ranges::find(phase.steps, step, &phase::StepSpec::id) - phase.steps.begin();
}

std::size_t number_or(const std::string& text, std::size_t fallback) {
    std::size_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    return result.ec == std::errc() && number > 0 ? number : fallback;
}

/// Records stand in the order of the phase file, whatever order the steps ran in.
state::StepRecord&
record_of(state::PhaseRecord& record, const phase::PhaseSpec& phase, const std::string& id) {
    const auto found = std::ranges::find(record.steps, id, &state::StepRecord::id);
    if (found != record.steps.end())
        return *found;
    const auto next = std::ranges::find_if(record.steps, [&](const state::StepRecord& other) {
        return place_of(phase, other.id) > place_of(phase, id);
    });
    state::StepRecord fresh;
    fresh.id = id;
    return *record.steps.insert(next, std::move(fresh));
}

/// Steps that must have ended before this one: those it names, or all before it in the file.
bool may_start(const phase::PhaseSpec& phase,
               const phase::StepSpec& step,
               const std::set<std::string>& ended) {
    const auto has_ended = [&](const std::string& id) { return ended.contains(id); };
    if (step.after)
        return std::ranges::all_of(*step.after, has_ended);
    const auto before = phase.steps.begin() + place_of(phase, step.id);
    return std::all_of(phase.steps.begin(), before, [&](const phase::StepSpec& other) {
        return has_ended(other.id);
    });
}

bool mentions(const std::string& text, const std::set<std::string>& steps) {
    const auto paths = lang::paths_used(text);
    if (!paths)
        return false;
    return std::ranges::any_of(*paths, [&](const std::string& path) {
        const auto parts = text::split(path, '.');
        return parts.size() > 1 && parts[0] == "steps" && steps.contains(parts[1]);
    });
}

bool mentions_anywhere(const Json& value, const std::set<std::string>& steps) {
    if (value.is_string())
        return mentions(value.get<std::string>(), steps);
    if (value.is_structured())
        for (const Json& item : value)
            if (mentions_anywhere(item, steps))
                return true;
    return false;
}

/// An input that equals, contains or lies below something a pending step creates.
bool overlaps(const std::string& input, const std::string& created) {
    const auto below = [](const std::string& inner, const std::string& outer) {
        return inner == outer || inner.starts_with(outer + "/");
    };
    return below(input, created) || below(created, input);
}

} // namespace

Runner::Runner(actions::Services services,
               const std::vector<phase::PhaseSpec>& phases,
               state::StateStore& store,
               Reporter& reporter,
               Json scope)
    : services_(std::move(services)), phases_(phases), store_(store), reporter_(reporter),
      scope_(std::move(scope)), digests_(services_.host.files, services_.port_folder / "digests") {
    add_steps(scope_, phases_, store_.state());
    for (const char* name : {"profile.jobs", "inputs.jobs"}) // the later one wins
        if (const Json* value = find_path(scope_, name))
            places_ = number_or(scalar_text(*value), places_);
}

Status Runner::run(const RunOptions& options, std::stop_token stop) {
    TAOHF_TRY(services_.sessions.recover());
    if (!options.from.empty() && !place_in_run(options.from))
        return fail(ErrorCode::usage, "there is no step '" + options.from + "'", "taohf status");
    Status status;
    for (const phase::PhaseSpec& phase : phases_) {
        if (phase.number < options.first || phase.number > options.last)
            continue;
        status = run_phase(phase, options, stop);
        if (!status)
            break;
    }
    const Status released = services_.sessions.release_all();
    const Status saved = digests_.save();
    if (!status)
        return status;
    TAOHF_TRY(released);
    return saved;
}

Status Runner::check_needs(const phase::PhaseSpec& phase, int first) {
    for (const int needed : phase.needs) {
        if (needed >= first && needed < phase.number)
            continue; // it has just passed, or the run would have ended
        const auto& conclusion = store_.state().phase(needed).conclusion;
        if (conclusion != "success" && conclusion != "skipped")
            return fail(ErrorCode::blocked,
                        "phase " + std::to_string(phase.number) + " needs phase " +
                            std::to_string(needed) + ", which has not passed (" + conclusion + ")",
                        "taohf phase " + std::to_string(needed) + ".." +
                            std::to_string(phase.number));
    }
    return {};
}

Status
Runner::run_phase(const phase::PhaseSpec& phase, const RunOptions& options, std::stop_token stop) {
    TAOHF_TRY(check_needs(phase, options.first));
    voice()->phase_started(phase);
    if (phase.when) {
        TAOHF_TRY_ASSIGN(const bool wanted, lang::evaluate(*phase.when, scope_));
        if (!wanted) {
            auto& record = store_.state().phase(phase.number);
            record.conclusion = "skipped";
            record.reason = phase.when_not;
            voice()->phase_finished(phase, record);
            return store_.save();
        }
    }
    return conclude(phase, run_steps(phase, options, stop));
}

/// Starts each step as soon as what it waits for has ended and a place is free, in the file's
/// order. After a failure nothing new starts; what runs is waited for.
Status
Runner::run_steps(const phase::PhaseSpec& phase, const RunOptions& options, std::stop_token stop) {
    std::set<std::string> begun;
    std::set<std::string> ended;
    std::map<std::string, Measured> working;
    Status first;
    StepPool pool;
    while (true) {
        for (const phase::StepSpec& step : phase.steps) {
            if (!first || pool.running() >= places_)
                break;
            if (begun.contains(step.id) || !may_start(phase, step, ended))
                continue;
            begun.insert(step.id);
            auto prepared = prepare(phase, step, options, stop);
            if (!prepared)
                first = tl::unexpected<Error>(std::move(prepared.error()));
            else if (!*prepared)
                ended.insert(step.id);
            else
                pool.start(work(
                    step, working.emplace(step.id, std::move(**prepared)).first->second, stop));
        }
        if (pool.running() == 0 && (!first || ended.size() == phase.steps.size()))
            return first;
        if (pool.running() == 0)
            continue; // a step that was passed over has freed the next one
        Performed performed = pool.wait();
        const std::string id = performed.step;
        const phase::StepSpec& step = *std::ranges::find(phase.steps, id, &phase::StepSpec::id);
        if (Status status = finish(phase, step, working.at(id), std::move(performed)); status)
            ended.insert(id);
        else if (first)
            first = std::move(status);
    }
}

/// Gates are judged even after a failed step: the report shows what there is evidence for.
Status Runner::conclude(const phase::PhaseSpec& phase, const Status& steps) {
    auto& record = store_.state().phase(phase.number);
    if (!steps) {
        record.conclusion =
            steps.error().code == ErrorCode::interrupted ? "interrupted" : "failure";
        record.reason = steps.error().message;
        voice()->phase_finished(phase, record);
        TAOHF_TRY(store_.save());
        return steps;
    }
    const Json before = [&] {
        Json gates = Json::array();
        for (const auto& gate : record.gates)
            gates.push_back(state::to_json(gate));
        return Json{{"conclusion", record.conclusion}, {"gates", gates}};
    }();
    TAOHF_TRY_ASSIGN(const auto gates, judge(phase));
    Json after_gates = Json::array();
    const state::GateRecord* red = nullptr;
    for (const auto& gate : gates) {
        voice()->gate_judged(gate);
        after_gates.push_back(state::to_json(gate));
        const bool approved = store_.state().approvals.contains(gate.id);
        if (!gate.passed && gate.severity == "error" && !approved && red == nullptr)
            red = &gate;
    }
    record.conclusion = red == nullptr ? "success" : "failure";
    record.reason = red == nullptr ? "" : "gate " + red->id + " is red";
    voice()->phase_finished(phase, record);
    if (before != Json{{"conclusion", record.conclusion}, {"gates", after_gates}})
        TAOHF_TRY(store_.save());
    if (red == nullptr)
        return {};
    Error error;
    error.code = ErrorCode::verdict;
    error.message = "gate " + red->id + " is red: " + red->title + "; expected " + red->expected +
                    ", observed " + red->observed;
    error.kept = "everything done so far is kept";
    error.next = "taohf gate show " + red->id;
    return tl::unexpected<Error>(std::move(error));
}

Result<std::vector<state::GateRecord>> Runner::judge(const phase::PhaseSpec& phase) {
    const auto digest = [this](const host::Path& path) {
        return digests_.digest(path).value_or("unreadable");
    };
    const gates::GateContext context{services_.host.files, services_.workspace, scope_, digest};
    auto gates = gates::judge_all(phase, context);
    store_.state().phase(phase.number).gates = gates;
    return gates;
}

std::optional<std::size_t> Runner::place_in_run(const std::string& id) const {
    std::size_t place = 0;
    for (const phase::PhaseSpec& phase : phases_)
        for (const phase::StepSpec& step : phase.steps) {
            if (step.id == id)
                return place;
            ++place;
        }
    return std::nullopt;
}

bool Runner::forced(const phase::StepSpec& step, const RunOptions& options) const {
    return options.force ||
           (!options.from.empty() && place_in_run(step.id) >= place_in_run(options.from));
}

/// Nothing for a step that need not run; else what it is measured by, and it is recorded as
/// running.
Result<std::optional<Measured>> Runner::prepare(const phase::PhaseSpec& phase,
                                                const phase::StepSpec& step,
                                                const RunOptions& options,
                                                std::stop_token stop) {
    if (stop.stop_requested()) {
        auto error = fail(ErrorCode::interrupted,
                          "interrupted before step " + step.id,
                          "the same command goes on from here");
        error.value().signal = 2;
        return error;
    }
    if (step.when) {
        TAOHF_TRY_ASSIGN(const bool wanted, lang::evaluate(*step.when, scope_));
        if (!wanted) {
            auto& record = record_of(store_.state().phase(phase.number), phase, step.id);
            record.outcome = "skipped";
            record.reason = "needs " + lang::plain_text(*step.when);
            record.creates.clear();
            voice()->step_passed_over(step, "skipped: " + record.reason);
            return std::nullopt;
        }
    }
    const actions::Action* action = actions::find_action(step.verb);
    const state::StepRecord* record = store_.state().find_step(step.id);
    const Json previous = record == nullptr ? Json::object() : record->outputs;
    const actions::StepContext context{services_, scope_, previous, step.id, {}, stop, {}};
    auto measured = measure(step, *action, context, digests_);
    if (!measured) {
        measured.error().context.push_back("while preparing step " + step.id + " of phase " +
                                           std::to_string(phase.number));
        return tl::unexpected<Error>(std::move(measured.error()));
    }
    std::vector<std::string> broken;
    if (record != nullptr) {
        TAOHF_TRY_ASSIGN(broken, broken_outputs(*record, *action, services_.workspace, digests_));
    }
    auto reasons = reasons_to_run(record, measured->materials(), broken);
    if (reasons.empty() && forced(step, options))
        reasons = {"forced"};
    if (reasons.empty()) {
        voice()->step_passed_over(step, "up to date");
        return std::nullopt;
    }
    TAOHF_TRY(begin(phase, step, reasons.front()));
    return std::optional<Measured>(std::move(*measured));
}

Status Runner::begin(const phase::PhaseSpec& phase,
                     const phase::StepSpec& step,
                     const std::string& reason) {
    ++executed_;
    auto& phase_record = store_.state().phase(phase.number);
    auto& record = record_of(phase_record, phase, step.id);
    phase_record.conclusion = "running";
    record.outcome = "running";
    record.reason = reason;
    record.started = host::utc_text(services_.host.clock.now());
    record.log = ".taohf/" + services_.port + "/logs/" + step.id + ".log";
    TAOHF_TRY(store_.save());
    TAOHF_TRY(store_.journal("step_started",
                             {{"phase", phase.number}, {"step", step.id}, {"reason", reason}}));
    voice()->step_started(step, reason);
    digests_.forget(); // it may change what was measured before
    return {};
}

/// What a thread of the pool does: it sees copies, and touches neither state nor digests.
std::function<Performed()>
Runner::work(const phase::StepSpec& step, const Measured& measured, std::stop_token stop) {
    const state::StepRecord& record = *store_.state().find_step(step.id);
    return [this,
            &step,
            &measured,
            stop,
            scope = scope_,
            previous = record.outputs,
            log = record.log] {
        const auto start = services_.host.clock.steady();
        Performed performed{step.id, 0, 0, Json::object()};
        while (performed.attempts < step.attempts) {
            ++performed.attempts;
            performed.outputs = attempt(step, measured, scope, previous, log, stop);
            if (performed.outputs || performed.outputs.error().code != ErrorCode::step)
                break;
        }
        performed.seconds =
            std::chrono::duration<double>(services_.host.clock.steady() - start).count();
        return performed;
    };
}

Result<Json> Runner::attempt(const phase::StepSpec& step,
                             const Measured& measured,
                             const Json& scope,
                             const Json& previous,
                             const std::string& log_name,
                             std::stop_token stop) {
    auto& files = services_.host.files;
    const actions::Action& action = *actions::find_action(step.verb);
    const host::Path log = services_.workspace / log_name;
    TAOHF_TRY(files.make_dirs(log.parent_path()));
    TAOHF_TRY(files.write_atomic(log, ""));
    if (action.fresh_outputs)
        for (const std::string& path : measured.creates)
            TAOHF_TRY(files.remove(services_.workspace / path));
    for (const std::string& path : measured.creates)
        TAOHF_TRY(files.make_dirs((services_.workspace / path).parent_path()));

    const host::LineSink sink = [&](std::string_view line, bool) {
        const std::string clean = services_.host.secrets.mask(text::printable(line));
        (void)files.append(log, clean + "\n"); // a full disk must not hide what the step says
        voice()->step_output(step.id, clean);
    };
    TAOHF_TRY_ASSIGN(const long long seconds, phase::parse_seconds(step.timeout));
    actions::StepContext context{
        services_, scope, previous, step.id, sink, stop, std::chrono::seconds(seconds)};
    auto outputs = action.execute(measured.arguments, context);
    if (!outputs)
        sink("taohf: " + format_error(outputs.error()), true);
    return outputs;
}

/// Takes over what a thread has done, and records it.
Status Runner::finish(const phase::PhaseSpec& phase,
                      const phase::StepSpec& step,
                      const Measured& measured,
                      Performed performed) {
    auto& record = record_of(store_.state().phase(phase.number), phase, step.id);
    digests_.forget(); // whatever it did: what was measured before counts no longer
    record.attempts = performed.attempts;
    record.seconds = performed.seconds;
    record.finished = host::utc_text(services_.host.clock.now());
    Status status;
    if (performed.outputs)
        status = take_over(step, measured, std::move(*performed.outputs), record);
    else
        status = tl::unexpected<Error>(std::move(performed.outputs.error()));
    if (!status) {
        record.outcome = status.error().code == ErrorCode::interrupted ? "interrupted" : "failure";
        record.reason = status.error().message;
        status.error().context.push_back("in step " + step.id + " (" + step.title + ") of phase " +
                                         std::to_string(phase.number));
        if (status.error().kept.empty())
            status.error().kept = "finished steps are kept; the log is " + record.log;
        if (status.error().next.empty())
            status.error().next =
                "taohf phase " + std::to_string(phase.number) + " goes on from this step";
    }
    add_step(scope_, record);
    voice()->step_finished(step, record);
    // The state first: a kill in between costs a line of the journal, not the step.
    TAOHF_TRY(store_.save());
    TAOHF_TRY(store_.journal("step_finished",
                             {{"phase", phase.number},
                              {"step", step.id},
                              {"outcome", record.outcome},
                              {"seconds", record.seconds}}));
    TAOHF_TRY(digests_.save());
    return status;
}

Status Runner::take_over(const phase::StepSpec& step,
                         const Measured& measured,
                         Json outputs,
                         state::StepRecord& record) {
    std::vector<state::Artefact> made;
    for (const std::string& path : measured.creates) {
        TAOHF_TRY_ASSIGN(state::Artefact artefact, digests_.artefact(services_.workspace, path));
        made.push_back(std::move(artefact));
    }
    // What was given as it was before; what the verb itself measures as it is now (an image it
    // built).
    std::vector<state::Material> materials = measured.given;
    const actions::StepContext context{services_, scope_, record.outputs, step.id, {}, {}, {}};
    TAOHF_TRY_ASSIGN(const auto own,
                     actions::find_action(step.verb)->materials(measured.arguments, context));
    materials.insert(materials.end(), own.begin(), own.end());
    record.outputs = std::move(outputs);
    record.creates = std::move(made);
    record.materials = std::move(materials);
    record.outcome = "success";
    return {};
}

Result<std::vector<StepPlan>> Runner::plan(const RunOptions& options) {
    std::vector<StepPlan> plans;
    std::set<std::string> will_run;
    for (const phase::PhaseSpec& phase : phases_) {
        if (phase.number < options.first || phase.number > options.last)
            continue;
        if (phase.when) {
            const auto wanted = lang::evaluate(*phase.when, scope_);
            if (wanted && !*wanted)
                continue;
        }
        for (const phase::StepSpec& step : phase.steps) {
            plans.push_back(predict(phase, step, options, will_run));
            if (plans.back().decision == Decision::run)
                will_run.insert(step.id);
        }
    }
    return plans;
}

StepPlan Runner::predict(const phase::PhaseSpec& phase,
                         const phase::StepSpec& step,
                         const RunOptions& options,
                         const std::set<std::string>& will_run) {
    StepPlan plan{phase.number, step.id, step.title, Decision::run, {}, true};
    const bool is_forced = forced(step, options);
    const actions::Action* action = actions::find_action(step.verb);
    const state::StepRecord* record = store_.state().find_step(step.id);
    if (step.when && !mentions("${" + step.when->path + "}", will_run)) {
        const auto wanted = lang::evaluate(*step.when, scope_);
        if (wanted && !*wanted) {
            plan.decision = Decision::skipped;
            plan.reasons = {"needs " + lang::plain_text(*step.when)};
            return plan;
        }
    }
    const Json none = Json::object();
    const actions::StepContext context{
        services_, scope_, record == nullptr ? none : record->outputs, step.id, {}, {}, {}};
    const auto measured = measure(step, *action, context, digests_);
    if (record == nullptr || !measured) {
        plan.reasons = {record == nullptr ? "never ran" : "a step before it has to run first"};
        return plan;
    }
    auto broken = broken_outputs(*record, *action, services_.workspace, digests_);
    plan.reasons = reasons_to_run(
        record, measured->materials(), broken ? *broken : std::vector<std::string>{});
    if (plan.reasons.empty() && is_forced)
        plan.reasons = {"forced"};
    if (!plan.reasons.empty())
        return plan;
    for (const std::string& other : will_run) {
        const state::StepRecord* earlier = store_.state().find_step(other);
        bool touched = false;
        for (const std::string& input : measured->inputs)
            if (earlier != nullptr)
                for (const auto& artefact : earlier->creates)
                    touched = touched || overlaps(input, artefact.path);
        if (touched) {
            plan.reasons.push_back("may run: an output of " + other + " is its input");
            plan.certain = false;
        }
    }
    if (plan.reasons.empty() && mentions_anywhere(step.arguments, will_run)) {
        plan.reasons = {"may run: it uses values of a step that runs first"};
        plan.certain = false;
    }
    if (plan.reasons.empty()) {
        plan.decision = Decision::up_to_date;
        plan.reasons = {"up to date"};
    }
    return plan;
}

} // namespace taohf::engine
