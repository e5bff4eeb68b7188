import { h } from "../vue.js"
import { sentence } from "../words/statuses.js"
import { nightName } from "../words/times.js"
import { Link } from "./Link.js"
import { Sign } from "./Status.js"

/** Over old results: that they are old, before anybody reads a figure. */
export function NotCurrent({ row }) {
    if (!row || row.is_current) return null
    return h("div", { class: "notice tone-bad" }, [
        h(Sign, { tone: "bad" }),
        h("div", [
            h("strong", sentence(row)),
            h("p", [
                row.shown ? `The newest results are those of ${nightName(row.shown.batch)}, not last night’s. ` : "There are no results to show. ",
                row.latest ? h(Link, { to: { view: "runs", pipeline: row.pipeline, batch: row.latest.batch } }, () => "What happened") : null,
            ]),
        ]),
    ])
}
NotCurrent.props = ["row"]
