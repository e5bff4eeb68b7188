import { h } from "../vue.js"
import { address, changed, go } from "../state/address.js"
import { useResource } from "../state/resource.js"
import { reasonName } from "../words/reasons.js"
import { nightName } from "../words/times.js"
import { DataTable } from "./DataTable.js"
import { Link } from "./Link.js"
import { Empty, Loaded } from "./Loaded.js"

const columns = [
    {
        key: "item", label: "Recording", align: "long",
        cell: (row) => h(
            Link, { to: { view: "item", pipeline: row.pipeline, batch: row.batch, id: row.item } }, () => row.item
        ),
    },
    { key: "reason", label: "Why", cell: (row) => reasonName(row.reason) },
    { key: "message", label: "Message", align: "long" },
    { key: "batch", label: "Night", cell: (row) => nightName(row.batch, "short") },
    { key: "stage", label: "Stage" },
]

/** The rejected recordings, for one reason or all. */
export const Rejections = {
    props: ["scope", "reasons"],
    setup(props) {
        const resource = useResource(() => props.scope.where(
            "/rejections/items", { reason: address.query.reason, cursor: address.query.cursor, limit: 20 }
        ))
        return () => h("section", { class: "panel", "aria-labelledby": "refused" }, [
            h("div", { class: "panel-head" }, [
                h("h2", { id: "refused" }, "Rejected recordings"),
                h("label", { class: "field" }, ["Why", h("select", {
                    value: address.query.reason ?? "", onChange: (event) => go(changed({ reason: event.target.value })),
                }, [
                    h("option", { value: "" }, "any reason"), ...props.reasons.map((code) => h(
                        "option", { key: code, value: code }, reasonName(code)
                    )),
                ])]),
            ]),
            h(Loaded, { resource }, ({ rejections, next }) => (rejections.length ? [
                h(DataTable, {
                    caption: "Rejected recordings", hideCaption: true, columns, rows: rejections,
                    rowKey: (row) => `${row.batch}/${row.stage}/${row.item}`,
                }),
                h("nav", { class: "pager", "aria-label": "Pages of rejected recordings" }, [
                    address.query.cursor ? h(
                        Link, { to: { ...address.query, cursor: undefined } }, () => "First page"
                    ) : null,
                    next ? h(Link, { to: { ...address.query, cursor: next } }, () => "Next page") : null,
                ]),
            ] : h(Empty, () => "None of this reason."))),
        ])
    },
}
