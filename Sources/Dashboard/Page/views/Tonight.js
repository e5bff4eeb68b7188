import { h } from "../vue.js"
import { pipelines } from "../state/pipelines.js"
import { Empty, Loaded } from "../parts/Loaded.js"
import { PipelineCard } from "../parts/PipelineCard.js"
import { Sign } from "../parts/Status.js"
import { lamp } from "../words/statuses.js"
import { count } from "../words/numbers.js"

const loudness = { red: 0, amber: 1, green: 2 }

/** The whole night in one sentence. */
function verdict(rows) {
    const [red, amber] = ["red", "amber"].map((state) => rows.filter((row) => row.state === state))
    if (red.length) {
        const names = red.map((row) => row.pipeline).join(", ")
        if (rows.length === 1) return { state: "red", text: `${names} has a problem.` }
        return { state: "red", text: `${count(red.length)} of ${count(rows.length)} pipelines ${red.length === 1 ? "has" : "have"} a problem: ${names}.` }
    }
    if (amber.length) {
        const isComplete = rows.every((row) => row.is_current)
        return { state: "amber", text: `${isComplete ? "All results are here" : "Some results are not here yet"}: look at ${amber.map((row) => row.pipeline).join(", ")}.` }
    }
    return { state: "green", text: rows.length === 1 ? "All is well: the results are here." : `All is well: all ${rows.length} pipelines have their results.` }
}

/** Every pipeline as one line, the loudest first. */
export const Tonight = {
    setup() {
        const resource = pipelines()
        return () => h(Loaded, { resource, height: "tall" }, (data) => {
            const rows = [...data.pipelines].sort((a, b) => loudness[a.state] - loudness[b.state] || a.pipeline.localeCompare(b.pipeline))
            if (!rows.length) {
                return [h("h1", { tabindex: "-1" }, "Tonight"),
                    h(Empty, () => "The database holds no pipeline yet. Run a night, and its results appear here by themselves.")]
            }
            const { state, text } = verdict(rows)
            return [
                h("h1", { class: ["verdict", `tone-${lamp(state).tone}`], tabindex: "-1" }, [h(Sign, lamp(state)), text]),
                h("div", { class: "pipelines" }, rows.map((row) => h(PipelineCard, { key: row.pipeline, pipeline: row }))),
            ]
        })
    },
}
