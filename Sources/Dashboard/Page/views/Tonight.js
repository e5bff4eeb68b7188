import { h } from "../vue.js"
import { api } from "../state/api.js"
import { asKnown, pipelines } from "../state/pipelines.js"
import { useResource } from "../state/resource.js"
import { Empty, Loaded } from "../parts/Loaded.js"
import { PipelineCard } from "../parts/PipelineCard.js"
import { Sign } from "../parts/Status.js"
import { lamp } from "../words/statuses.js"
import { count } from "../words/numbers.js"
import { isDate, nightsBefore } from "../words/times.js"

const loudness = { red: 0, unknown: 1, amber: 2, green: 3 }

/** How many nights of each pipeline are shown next to the newest results. */
const lastNights = 7

/** The state of the night in one sentence. */
function verdict(rows) {
    const [red, unknown, amber] = ["red", "unknown", "amber"].map((state) => rows.filter((row) => row.state === state))
    const names = (some) => some.map((row) => row.pipeline).join(", ")
    if (red.length) {
        if (rows.length === 1) return { state: "red", text: `${names(red)} has a problem.` }
        const have = red.length === 1 ? "has" : "have"
        const text = `${count(red.length)} of ${count(rows.length)} pipelines ${have} a problem: ${names(red)}.`
        return { state: "red", text }
    }
    if (unknown.length) {
        return { state: "unknown", text: `Status unknown: ${names(unknown)}.` }
    }
    if (amber.length) {
        const isComplete = rows.every((row) => row.is_current)
        const what = isComplete ? "All results are here" : "Some results are not here yet"
        return { state: "amber", text: `${what}; check ${names(amber)}.` }
    }
    const what = rows.length === 1 ? "the results are here" : `all ${count(rows.length)} pipelines have their results`
    return { state: "green", text: `All is well: ${what}.` }
}

/** One line per pipeline, the most urgent first. */
export const Tonight = {
    setup() {
        const resource = pipelines()
        const nights = useResource(() => {
            const names = (resource.data?.pipelines ?? []).flatMap((row) => [row.expected_batch, row.latest?.batch])
            const last = names.filter(isDate).sort().at(-1)
            return last ? api("/batches", { from: nightsBefore(last, lastNights - 1), limit: 1000 }) : null
        })
        const nightsOf = (pipeline) => (nights.data?.batches ?? []).filter(
            (night) => night.pipeline === pipeline && isDate(night.batch)
        ).reverse()
        return () => h(Loaded, { resource, height: "tall" }, (data) => {
            const rows = data.pipelines.map(asKnown).sort(
                (a, b) => loudness[a.state] - loudness[b.state] || a.pipeline.localeCompare(b.pipeline)
            )
            if (!rows.length) {
                return [
                    h("h1", { tabindex: "-1" }, "Tonight"),
                    h(Empty, () => "The database has no pipelines yet. Run a night to see its results here."),
                ]
            }
            const { state, text } = verdict(rows)
            return [
                h("h1", { class: ["verdict", `tone-${lamp(state).tone}`], tabindex: "-1" }, [
                    h(Sign, lamp(state)), text,
                ]),
                h("div", { class: "pipelines" }, rows.map((row) => (
                    h(PipelineCard, { key: row.pipeline, pipeline: row, nights: nightsOf(row.pipeline) })
                ))),
            ]
        })
    },
}
