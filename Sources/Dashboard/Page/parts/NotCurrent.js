import { h } from "../vue.js"
import { asKnown, nightInQuestion } from "../state/pipelines.js"
import { Link } from "./Link.js"
import { Sign } from "./Status.js"

/** The notice above results that are not current. */
export function NotCurrent({ row: loaded }) {
    const row = loaded ? asKnown(loaded) : null
    if (!row || row.is_current) return null
    const night = nightInQuestion(row)
    const tone = row.state === "unknown" ? "warn" : "bad"
    return h("div", { class: ["notice", `tone-${tone}`] }, [
        h(Sign, { tone }),
        h("div", [
            h("strong", row.reasons[0]),
            h("p", [
                row.reasons.slice(1).join(" "), " ",
                night ? h(
                    Link, { to: { view: "runs", pipeline: row.pipeline, batch: night } }, () => "What happened"
                ) : null,
            ]),
        ]),
    ])
}
NotCurrent.props = ["row"]
