import { h } from "../vue.js"
import { BatchDetail } from "../parts/BatchDetail.js"
import { DataTable } from "../parts/DataTable.js"
import { Link } from "../parts/Link.js"
import { Empty, Loaded } from "../parts/Loaded.js"
import { Sign, Status } from "../parts/Status.js"
import { View } from "../parts/View.js"
import { address, changed } from "../state/address.js"
import { useScope } from "../state/scope.js"
import { count, duration, percent, ratio } from "../words/numbers.js"
import { nightStatus, stageStatus } from "../words/statuses.js"
import { nightName } from "../words/times.js"

function stageCell(row) {
    if (!row) return "–"
    const { tone, word } = stageStatus(row)
    return h("span", { class: "stage-cell" }, [
        h(Sign, { tone }), h(
            "span", tone === "good" ? duration(row.seconds) : word
        ), tone === "good" ? h("span", { class: "for-ears" }, `, ${word}`) : null,
        row.version && row.version !== "v1" ? h("span", { class: "version" }, row.version) : null,
    ])
}

function columns(nights) {
    const stages = [...new Set(nights.flatMap((night) => night.stages.map((row) => row.stage)))]
    return [
        {
            key: "batch", label: "Night", align: "tight",
            cell: (night) => h(Link, { to: changed({ batch: night.batch }) }, () => nightName(night.batch, "plain")),
        },
        { key: "state", label: "State", cell: (night) => h(Status, nightStatus(night.state)) },
        ...stages.map((name) => ({
            key: `stage.${name}`, label: name, align: "tight",
            cell: (night) => stageCell(night.stages.find((row) => row.stage === name)),
        })),
        {
            key: "items", label: "Recordings", align: "right",
            cell: (night) => count(night.state === "missing" ? NaN : night.items),
        },
        {
            key: "rejected", label: "Rejected", align: "right",
            cell: (night) => percent(ratio(night.rejected, night.items + night.rejected)),
        },
        { key: "model", label: "Model", cell: (night) => night.model ?? "–" },
    ]
}

/** Batches and their stages, in the order given. */
const table = (batches, caption) => h(DataTable, {
    caption, columns: columns(batches), rows: batches, rowKey: (night) => night.batch,
    rowClass: (night) => (
        night.batch === address.query.batch ? "is-chosen" : `row-${nightStatus(night.state).tone}`
    ),
})

/** Every night and stage; with `batch` in the address, one of them in full. */
export const Runs = {
    setup() {
        const scope = useScope()
        return () => h(View, { title: "Runs", scope, saysAge: false }, () => [
            address.query.batch ? h(BatchDetail, {
                key: `${scope.pipeline}/${address.query.batch}`, pipeline: scope.pipeline, batch: address.query.batch,
            }) : null,
            h("section", { class: "panel", "aria-labelledby": "all-nights" }, [
                h("h2", { id: "all-nights" }, "Every night"),
                h(Loaded, { resource: scope.listed, height: "tall" }, () => (scope.nights.length
                    ? table(scope.nights, "Nights, the newest first, with the time of each stage")
                    : h(Empty, () => "No nights in this range. Choose another above."))),
            ]),
            scope.trials.length ? h("section", { class: "panel", "aria-labelledby": "trials" }, [
                h("h2", { id: "trials" }, "Other batches"),
                table(scope.trials, "Trials and other batches without a date; charts leave them out"),
            ]) : null,
        ])
    },
}
