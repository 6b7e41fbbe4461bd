"""The trained model: whether training made the task's metric better, and whether its engine tells the same.

Inputs: metrics (of the task), results ({ported, trained, engine: what TAO's evaluate command wrote}),
statuses ({command: status.json}).
"""

from lib.evidence import digests, read_inputs, write_json
from lib.tao_results import how_it_ended, read_metrics


def row_of(metric, told):
    """Return what the three evaluations tell of one metric; what is silent is infinitely far off."""
    start, trained = told["ported"].get(metric["native"]), told["trained"].get(metric["native"])
    engine = told["engine"].get(metric["engine"])
    if not all(isinstance(value, (int, float)) for value in (start, trained, engine)):
        return {"name": metric["label"], "start": start, "trained": trained, "engine": engine, "rise": float("-inf"),
                "spread": float("inf")}
    rise = trained - start if metric["higher_is_better"] else start - trained
    return {"name": metric["label"], "start": start, "trained": trained, "engine": engine, "rise": rise,
            "spread": abs(trained - engine) / metric.get("scale", 1)}


def main():
    """Write how far the metric rose and how far both sides are apart."""
    inputs = read_inputs()
    told = {side: read_metrics(path) for side, path in inputs["results"].items()}
    rows = [row_of(metric, told) for metric in inputs["metrics"]]
    statuses = {name: how_it_ended(path) for name, path in inputs["statuses"].items()}
    print(f"after training: {rows}")
    write_json(inputs["evidence"], {
        "schema": "taohf/trained_comparison/v1",
        "metrics": rows,
        "least_rise": min(row["rise"] for row in rows),
        "spread": max(row["spread"] for row in rows),
        "not_succeeded": [name for name, status in statuses.items() if not status["succeeded"]],
        "sha256": digests(inputs["results"].values())})


if __name__ == "__main__":
    main()
