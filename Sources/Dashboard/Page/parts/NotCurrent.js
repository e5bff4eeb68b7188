import { h } from "../vue.js"
import { asKnown } from "../state/pipelines.js"
import { Link } from "./Link.js"
import { Sign } from "./Status.js"

/** Over old results: that they are old, before anybody reads a figure. */
export function NotCurrent({ row: told }) {
    const row = told ? asKnown(told) : null
    if (!row || row.is_current) return null
    const tone = row.state === "unknown" ? "warn" : "bad"
    return h("div", { class: ["notice", `tone-${tone}`] }, [
        h(Sign, { tone }),
        h("div", [
            h("strong", row.reasons[0]),
            h("p", [
                row.reasons.slice(1).join(" "), " ",
                row.latest ? h(
                    Link, { to: { view: "runs", pipeline: row.pipeline, batch: row.latest.batch } },
                    () => "What happened"
                ) : null,
            ]),
        ]),
    ])
}
NotCurrent.props = ["row"]
