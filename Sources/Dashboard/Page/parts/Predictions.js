import { h } from "../vue.js"
import { address, changed, go } from "../state/address.js"
import { api, search } from "../state/api.js"
import { useResource } from "../state/resource.js"
import { count, score } from "../words/numbers.js"
import { moment, nightName } from "../words/times.js"
import { DataTable } from "./DataTable.js"
import { Filters } from "./Filters.js"
import { Link } from "./Link.js"
import { Empty, Loaded } from "./Loaded.js"

const pageSize = 25

/** The filters in the address, by the API's names. */
function chosen() {
    const names = Object.keys(address.query).filter((name) => name.startsWith("field."))
    return Object.fromEntries(
        [
            "stage", "label", "model", "min_score", "max_score", "device", "q", ...names,
        ].map((name) => [name, address.query[name]])
    )
}

const gauge = (value) => [
    h("meter", { min: 0, max: 1, value, "aria-hidden": "true" }), h("span", { class: "number" }, score(value)),
]

/** The columns: those of every prediction, and the fields that identify where a recording came from. */
function columns(rows) {
    const there = new Set(rows.flatMap((row) => Object.keys(row.fields ?? {})))
    const field = (name, label) => (
        there.has(name) ? [{ key: `field.${name}`, label, cell: (row) => String(row.fields?.[name] ?? "–") }] : []
    )
    return [
        { key: "item", label: "Recording", align: "long", sortable: true, cell: (row) => h(Link, {
            to: {
                view: "item", pipeline: row.pipeline, batch: row.batch, id: row.item, stage: row.stage,
            } }, () => row.item) },
        { key: "label", label: "Label", cell: (row) => row.label ?? row.output?.text ?? "–" },
        {
            key: "score", label: "Score", align: "right", sortable: true,
            cell: (row) => (row.score === null ? "–" : gauge(row.score)),
        },
        ...field("device", "Device"), ...field("site", "Site"),
        { key: "recorded_at", label: "Recorded", sortable: true, cell: (row) => moment(row.recorded_at) },
        { key: "batch", label: "Night", align: "tight", sortable: true, cell: (row) => nightName(row.batch, "short") },
        { key: "model", label: "Model", cell: (row) => (row.model ? `${row.model}@${row.model_version}` : "–") },
    ]
}

/** Every recording with its label: filtered, sorted, in pages, and for download. */
export const Predictions = {
    props: ["scope", "labels"],
    setup(props) {
        const sort = () => address.query.sort ?? "-batch"
        const resource = useResource(() => props.scope.where(
            "/predictions", { ...chosen(), sort: sort(), cursor: address.query.cursor, limit: pageSize }
        ), search("predictions"))
        const exported = (kind) => api(`/predictions.${kind}`, {
            pipeline: props.scope.pipeline, from: props.scope.from, to: props.scope.to, ...chosen(),
        })

        function nothing(next) {
            const said = next
                ? "No recording found yet; not all nights have been searched."
                : address.query.cursor
                    ? "No more recordings match."
                    : "No recording matches. Remove a filter, or choose more nights."
            return h(Empty, () => said)
        }

        function pager({ predictions, next }) {
            const { cursor } = address.query
            const onward = predictions.length ? "Next page" : "Continue searching"
            return h("nav", { class: "pager", "aria-label": "Pages of recordings" }, [
                h(
                    "span",
                    cursor || next ? `${count(predictions.length)} on this page` : `${count(predictions.length)} in all`
                ),
                cursor ? h(Link, { to: { ...address.query, cursor: undefined } }, () => "First page") : null,
                next ? h(Link, { to: { ...address.query, cursor: next } }, () => onward) : null,
            ])
        }

        return () => h("section", { class: "panel", "aria-labelledby": "recordings" }, [
            h("div", { class: "panel-head" }, [
                h("h2", { id: "recordings" }, "Recordings"),
                h("p", { class: "exports" }, ["Download: ",
                    h("a", { href: exported("csv"), download: "" }, "CSV"), " ", h(
                        "a", { href: exported("jsonl"), download: "" }, "JSON Lines"
                    )]),
            ]),
            h(Filters, { chosen: chosen(), labels: props.labels, rows: resource.data?.predictions ?? [] }),
            h(Loaded, { resource, height: "tall", wait: "Still searching …" }, (data) => [
                data.predictions.length ? h(DataTable, {
                    caption: "Recordings and their labels", hideCaption: true,
                    columns: columns(data.predictions), rows: data.predictions,
                    rowKey: (row) => `${row.batch}/${row.stage}/${row.item}`, sort: sort(),
                    onSort: (order) => go(changed({ sort: order })),
                }) : nothing(data.next),
                data.predictions.length || data.next || address.query.cursor ? pager(data) : null,
            ]),
        ])
    },
}
