import { h } from "../vue.js"
import { count, percent } from "../words/numbers.js"
import { nightStatus } from "../words/statuses.js"
import { nightName } from "../words/times.js"
import { Link } from "./Link.js"
import { Provenance } from "./Provenance.js"
import { Sign } from "./Status.js"

/** One mark per night, the oldest first, which leads to that night. `nights`: rows of /batches. */
export function NightMarks({ nights }) {
    return h("ol", { class: "strip" }, nights.map((night) => {
        const { tone, word } = nightStatus(night.state)
        const name = `${nightName(night.batch, "short")}: ${word}`
        const to = { view: "runs", pipeline: night.pipeline, batch: night.batch }
        return h("li", { key: night.batch }, h(
            Link, { to, class: `tone-${tone}`, title: name, "aria-label": name }, () => h(Sign, { tone })
        ))
    }))
}
NightMarks.props = ["nights"]

/**
 * The marks of the nights, and how many of them went well. `nights`: rows of /batches; `hasOlder`: the
 * selection has older ones that are not shown.
 */
export function NightStrip({ nights, hasOlder }) {
    const well = nights.filter((night) => night.state === "sealed").length
    return h("section", { class: "panel", "aria-labelledby": "nights" }, [
        h("h2", { id: "nights" }, [
            `${percent(well / nights.length)} of the ${hasOlder ? "newest " : ""}nights are complete`,
            h("span", { class: "hint" }, ` ${count(well)} of ${count(nights.length)}`),
        ]),
        h(NightMarks, { nights }),
        h(Provenance, { nights }),
    ])
}
NightStrip.props = ["nights", "hasOlder"]
