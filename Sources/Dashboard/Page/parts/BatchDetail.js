import { h, nextTick, onMounted, ref } from "../vue.js"
import { changed } from "../state/address.js"
import { api } from "../state/api.js"
import { useResource } from "../state/resource.js"
import { session } from "../state/session.js"
import { bytes, count, decimal, duration, percent, ratio } from "../words/numbers.js"
import { reasonName } from "../words/reasons.js"
import { nightStatus, stageStatus } from "../words/statuses.js"
import { moment, nightName } from "../words/times.js"
import { Alerts } from "./Alerts.js"
import { DataTable } from "./DataTable.js"
import { Digest } from "./Digest.js"
import { Lineage } from "./Lineage.js"
import { Link } from "./Link.js"
import { Loaded } from "./Loaded.js"
import { Provenance } from "./Provenance.js"
import { Sign, Status } from "./Status.js"
import { Versions } from "./Versions.js"

/** The reasons and counts of each stage that rejected something. */
const rejected = (stages) => stages.flatMap(({ stage, summary }) => {
    const reasons = Object.entries(summary?.rejected_by_reason ?? {})
    const words = reasons.map(([code, items]) => `${reasonName(code)} ${count(items)}`).join(", ")
    return reasons.length ? [h("li", { key: stage }, `Rejected by ${stage}: ${words}`)] : []
})

/** A stage's name, with its tool's if that differs. */
const stageName = ({ stage, tool }) => (tool && tool !== stage ? `${stage} (${tool})` : stage)

/** The newest run of each stage, followed by the version that the results come from if that is an earlier one. */
const runs = ({ stages }) => stages.flatMap((row) => [
    row, ...(row.loaded ? [{ ...row.loaded, stage: row.stage, tool: row.tool, status: "loaded" }] : []),
])

const versionName = ({ version, pinned }) => (
    [version || "–", pinned ? `(pinned to ${pinned})` : null].filter(Boolean).join(" ")
)

const columns = (night) => [
    { key: "stage", label: "Stage", cell: (row) => stageName(row) },
    { key: "status", label: "Status", cell: (row) => h(Status, stageStatus(row)) },
    { key: "version", label: "Version", cell: versionName },
    { key: "items", label: "Recordings", align: "right", cell: (row) => count(row.items) },
    { key: "rejected", label: "Rejected", align: "right", cell: (row) => count(row.rejected) },
    { key: "seconds", label: "Time", align: "right", cell: (row) => duration(row.seconds) },
    {
        key: "factor", label: "Real-time factor", align: "right",
        cell: (row) => decimal(row.loaded ? NaN : ratio(row.seconds, night.audio_seconds)),
    },
    { key: "memory", label: "Peak memory", align: "right", cell: memory },
    { key: "written", label: "Written", align: "right", cell: (row) => bytes(row.bytes_out) },
    { key: "started", label: "Started", cell: (row) => moment(row.started_at) },
    { key: "fingerprint", label: "Fingerprint", cell: (row) => h(Digest, { hex: row.fingerprint }) },
]

const howItEnded = ({ failure, because }) =>
    because ? `did not finish because of “${because}”` : failure ? "failed" : "is held back"

/** The versions that were made in the night, for `Lineage`. */
const lineage = (stages) => stages.filter((row) => ["sealed", "held_back"].includes(row.status)).map((row) => {
    const { inputs, model } = row.summary ?? {}
    return {
        ...row, of: inputs?.map(({ stage, version }) => `${stage} ${version}`).join(", "),
        model: model ? [model.name, model.version].filter(Boolean).join("@") : null,
    }
})

/** The peak, and its share of the limit where that is known. */
const memory = ({ peak_memory_bytes: peak, memory_limit_bytes: limit }) => {
    if (!Number.isFinite(peak) || !limit) return bytes(peak)
    return [bytes(peak), h("span", { class: "note" }, `${percent(ratio(peak, limit))} of ${bytes(limit)}`)]
}

/** The address parameters of one night, removed. */
const nothing = { batch: undefined, stage: undefined, a: undefined, b: undefined }

/** One night in detail: each stage's figures, what failed and why, its versions and how they differ. */
export const BatchDetail = {
    props: ["pipeline", "batch"],
    setup(props) {
        const resource = useResource(() => api(
            `/batches/${encodeURIComponent(props.pipeline)}/${encodeURIComponent(props.batch)}`
        ))
        // A stage that could not start has no version; its alert has the message.
        const alerts = useResource(() => api("/alerts", {
            pipeline: props.pipeline, from: props.batch, to: props.batch, limit: 100,
        }))
        const heading = ref(null)
        onMounted(() => nextTick(() => heading.value?.focus()))

        function night(row) {
            const why = rejected(row.stages)
            const made = lineage(row.stages)
            const stuck = row.stages.filter((stage) => stage.summary?.failure || stage.summary?.held_back)
            return [
                h("p", { class: "state-line" }, [h(Status, nightStatus(row.state)), h(Provenance, { nights: [row] })]),
                stuck.map((stage) => h("div", { class: "notice tone-bad", key: stage.stage }, [
                    h(Sign, { tone: "bad" }),
                    h("div", [
                        h("strong", `“${stage.stage}” ${howItEnded(stage.summary)}`),
                        h("p", stage.summary.failure ?? stage.summary.held_back),
                    ]),
                ])),
                alerts.data?.alerts.length ? h("section", { "aria-labelledby": "alerts" }, [
                    h("h3", { id: "alerts" }, "Alerts"), h(Alerts, { alerts: alerts.data.alerts }),
                ]) : null,
                h(DataTable, {
                    caption: "The stages of this night", hideCaption: true, columns: columns(row), rows: runs(row),
                    rowKey: ({ stage, status }) => `${stage} ${status === "loaded" ? status : "newest"}`,
                    rowClass: (stage) => `row-${stageStatus(stage).tone}` }),
                why.length ? h("ul", { class: "reasons" }, why) : null,
                row.stages.some((stage) => stage.loaded) ? h(
                    "p", { class: "hint" },
                    "In the results: the version that the results come from; the newest run has not replaced it."
                ) : null,
                row.stages.some((stage) => stage.pinned) ? h(
                    "p", { class: "hint" }, "Pinned: the version that later stages use was chosen by hand."
                ) : null,
                row.stages.some((stage) => stage.is_stale)
                    ? h(
                        "p", { class: "hint" },
                        "Outdated: an earlier stage has a newer version than the one that this stage used."
                    ) : null,
                made.length ? h("section", { "aria-labelledby": "lineage" }, [
                    h("h3", { id: "lineage" }, "Lineage"), h(Lineage, { steps: made }),
                ]) : null,
                session.me?.root === false
                    ? h(
                        "p", { class: "hint" },
                        "Start the server with --root to compare versions and their configuration."
                    )
                    // A night whose first stage failed before it had a version has nothing on disk to compare.
                    : row.stages.some((stage) => stage.version)
                        ? h(Versions, { pipeline: props.pipeline, batch: props.batch })
                        : null,
            ]
        }

        return () => h("section", { class: "panel", "aria-labelledby": "night" }, [
            h("div", { class: "panel-head" }, [
                h("h2", { id: "night", ref: heading, tabindex: "-1" }, `Night of ${nightName(props.batch)}`),
                h("p", { class: "onward" }, [
                    h(Link, {
                        to: { view: "results", pipeline: props.pipeline, from: props.batch, to: props.batch },
                    }, () => "Its results"),
                    h(Link, { to: changed(nothing) }, () => "Close"),
                ]),
            ]),
            h(Loaded, { resource, height: "tall" }, night),
        ])
    },
}
