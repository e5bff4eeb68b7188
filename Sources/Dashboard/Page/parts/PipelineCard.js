import { h } from "../vue.js"
import { now } from "../state/clock.js"
import { nightInQuestion } from "../state/pipelines.js"
import { count, counted, percent, ratio } from "../words/numbers.js"
import { lamp } from "../words/statuses.js"
import { exactMoment, fromNow, moment, nightName, nightsBetween } from "../words/times.js"
import { Link } from "./Link.js"
import { NightMarks } from "./NightStrip.js"
import { Status } from "./Status.js"

const figure = (name, value, note, title) => h("div", { key: name }, [
    h("dt", name), h("dd", { title }, value), note ? h("dd", { class: "note" }, note) : null,
])

/**
 * Says that the newest results are older than expected, and by how much; `words`: the server's sentences about them.
 */
function oldResults({ state, shown, latest, expected_batch: expected }, words) {
    if (state === "unknown") return h("p", { class: "old" }, words)
    // Without a schedule the newest night is the expected one.
    const awaited = expected ?? latest?.batch
    const behind = shown && awaited ? nightsBetween(shown.batch, awaited) : null
    const by = behind > 0 ? ` They are ${counted(behind, "night", "nights")} older than they should be.` : ""
    return h("p", { class: "old" }, [h("strong", "Not current. "), words.join(" "), by])
}

function figures({ state, shown, is_current: isCurrent, next_due: due }) {
    const isUnknown = state === "unknown"
    const doubt = isUnknown ? "perhaps not current" : "not current"
    const received = (shown?.items ?? 0) + (shown?.rejected ?? 0)
    return h("dl", { class: ["figures", isCurrent ? "" : "is-old"] }, [
        ...(shown ? [
            figure("Night", nightName(shown.batch, "medium"), isCurrent ? null : doubt),
            figure("Recordings", count(shown.items), `of ${count(received)} received`),
            figure("Rejected", count(shown.rejected), percent(ratio(shown.rejected, received))),
            figure("Model", shown.model ?? "–"),
            figure(
                "Finished", fromNow(shown.finished_at, now.value), moment(shown.finished_at),
                exactMoment(shown.finished_at)
            ),
        ] : []),
        due ? figure(
            isUnknown ? "Was due" : "Next due", fromNow(due, now.value), moment(due), exactMoment(due)
        ) : figure("Next due", "not scheduled"),
    ])
}

/**
 * One pipeline in one plain sentence, and its figures. `nights`: rows of /batches for the last nights, oldest first.
 */
export function PipelineCard({ pipeline, nights }) {
    const { pipeline: name, description, state, is_current: isCurrent } = pipeline
    const [sentence, ...more] = pipeline.reasons
    const { tone, word } = lamp(state)
    const night = nightInQuestion(pipeline)
    const heading = `pipeline-${name}`
    return h("article", { class: ["pipeline", `tone-${tone}`], "aria-labelledby": heading }, [
        h("div", { class: "pipeline-head" }, [
            h("h2", { id: heading }, name), description ? h(
                "p", { class: "description" }, description
            ) : null, h(Status, { tone, word }),
        ]),
        h("p", { class: "sentence" }, sentence),
        isCurrent ? more.length ? h(
            "ul", { class: "reasons" }, more.map((reason) => h("li", { key: reason }, reason))
        ) : null : oldResults(pipeline, more),
        figures(pipeline),
        nights.length > 1 ? h("div", { class: "last-nights" }, [
            h("p", { class: "note" }, `Last ${count(nights.length)} nights`), h(NightMarks, { nights }),
        ]) : null,
        h("p", { class: "onward" }, [
            h(Link, { to: { view: "results", pipeline: name } }, () => [
                "Results", h("span", { class: "for-ears" }, ` of ${name}`),
            ]),
            night ? h(Link, { to: { view: "runs", pipeline: name, batch: night } }, () => [
                state === "red" || state === "amber" ? "Why" : "How the night went",
                h("span", { class: "for-ears" }, `: ${name}`),
            ]) : null,
        ]),
    ])
}
PipelineCard.props = ["pipeline", "nights"]
