import { h, nextTick, onMounted, ref } from "../vue.js"
import { changed } from "../state/address.js"
import { api } from "../state/api.js"
import { useResource } from "../state/resource.js"
import { session } from "../state/session.js"
import { bytes, count, decimal, duration, ratio } from "../words/numbers.js"
import { reasonName } from "../words/reasons.js"
import { nightStatus, stageStatus } from "../words/statuses.js"
import { moment, nightName } from "../words/times.js"
import { DataTable } from "./DataTable.js"
import { Digest } from "./Digest.js"
import { Link } from "./Link.js"
import { Loaded } from "./Loaded.js"
import { Provenance } from "./Provenance.js"
import { Sign, Status } from "./Status.js"
import { Versions } from "./Versions.js"

/** Of each stage that rejected something: why, and how many. */
const rejected = (stages) => stages.flatMap(({ stage, summary }) => {
    const reasons = Object.entries(summary?.rejected_by_reason ?? {})
    const words = reasons.map(([code, items]) => `${reasonName(code)} ${count(items)}`).join(", ")
    return reasons.length ? [h("li", { key: stage }, `Rejected by ${stage}: ${words}`)] : []
})

/** A stage by its own name, and by its tool's if that is another one. */
const stageName = ({ stage, tool }) => (tool && tool !== stage ? `${stage} (${tool})` : stage)

const columns = (night) => [
    { key: "stage", label: "Stage", cell: (row) => stageName(row) },
    { key: "status", label: "Status", cell: (row) => h(Status, stageStatus(row)) },
    { key: "version", label: "Version", cell: (row) => row.version || "–" },
    { key: "items", label: "Recordings", align: "right", cell: (row) => count(row.items) },
    { key: "rejected", label: "Rejected", align: "right", cell: (row) => count(row.rejected) },
    { key: "seconds", label: "Time", align: "right", cell: (row) => duration(row.seconds) },
    {
        key: "factor", label: "Real-time factor", align: "right",
        cell: (row) => decimal(ratio(row.seconds, night.audio_seconds)),
    },
    { key: "memory", label: "Peak memory", align: "right", cell: (row) => bytes(row.peak_memory_bytes) },
    { key: "written", label: "Written", align: "right", cell: (row) => bytes(row.bytes_out) },
    { key: "started", label: "Started", cell: (row) => moment(row.started_at) },
    { key: "fingerprint", label: "Fingerprint", cell: (row) => h(Digest, { hex: row.fingerprint }) },
]

/** What of the address is about one night, taken away. */
const nothing = { batch: undefined, stage: undefined, a: undefined, b: undefined }

/** One night in full: each stage's figures, what failed and why, its versions and how they differ. */
export const BatchDetail = {
    props: ["pipeline", "batch"],
    setup(props) {
        const resource = useResource(() => api(
            `/batches/${encodeURIComponent(props.pipeline)}/${encodeURIComponent(props.batch)}`
        ))
        const heading = ref(null)
        onMounted(() => nextTick(() => heading.value?.focus()))

        function night(row) {
            const stuck = row.stages.filter((stage) => stage.summary?.failure || stage.summary?.held_back)
            return [
                h("p", { class: "state-line" }, [h(Status, nightStatus(row.state)), h(Provenance, { nights: [row] })]),
                stuck.map((stage) => h("div", { class: "notice tone-bad", key: stage.stage }, [
                    h(Sign, { tone: "bad" }),
                    h("div", [
                        h("strong", `“${stage.stage}” ${stage.summary.failure ? "failed" : "is held back"}`),
                        h("p", stage.summary.failure ?? stage.summary.held_back),
                    ]),
                ])),
                h(DataTable, {
                    caption: "The stages of this night", hideCaption: true, columns: columns(row), rows: row.stages,
                    rowKey: (stage) => stage.stage,
                    rowClass: (stage) => `row-${stageStatus(stage).tone}` }),
                row.rejected ? h("ul", { class: "reasons" }, rejected(row.stages)) : null,
                row.stages.some((stage) => stage.is_stale)
                    ? h(
                        "p", { class: "hint" },
                        "Outdated: an earlier stage has a newer version than this stage was made from."
                    ) : null,
                session.me?.root === false
                    ? h(
                        "p", { class: "hint" },
                        "Versions and their configuration can be compared when the server is started with --root."
                    )
                    : h(Versions, { pipeline: props.pipeline, batch: props.batch }),
            ]
        }

        return () => h("section", { class: "panel", "aria-labelledby": "night" }, [
            h("div", { class: "panel-head" }, [
                h("h2", { id: "night", ref: heading, tabindex: "-1" }, `Night of ${nightName(props.batch)}`),
                h(Link, { to: changed(nothing) }, () => "Close"),
            ]),
            h(Loaded, { resource, height: "tall" }, night),
        ])
    },
}
