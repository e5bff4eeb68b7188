import { h } from "../vue.js"
import { address, changed, go } from "../state/address.js"
import { api } from "../state/api.js"
import { useResource } from "../state/resource.js"
import { count, counted, score } from "../words/numbers.js"
import { versionState } from "../words/statuses.js"
import { moment } from "../words/times.js"
import { DataTable } from "./DataTable.js"
import { Digest } from "./Digest.js"
import { Link } from "./Link.js"
import { Empty, Loaded } from "./Loaded.js"

const written = (value) => (
    value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value)
)

const columns = [
    { key: "stage", label: "Stage" }, { key: "version", label: "Version" },
    { key: "state", label: "State", cell: (row) => versionState(row.state) },
    { key: "started_at", label: "Started", cell: (row) => moment(row.started_at) },
    { key: "fingerprint", label: "Fingerprint", cell: (row) => h(Digest, { hex: row.fingerprint }) },
    {
        key: "config", label: "Configuration",
        cell: (row) => h("details", [h("summary", "Show"), h("pre", JSON.stringify(row.config, null, 2))]),
    },
]

const differences = [
    { key: "key", label: "Key" },
    { key: "a", label: "First", cell: (row) => h("code", written(row.a)) },
    { key: "b", label: "Second", cell: (row) => h("code", written(row.b)) },
]

const counts = {
    only_in_a_items: "only in the first", only_in_b_items: "only in the second", changed_items: "with another result",
}

/** What a stage wrote about a recording; a model's result in short form. */
const result = (value) => (value?.label
    ? [value.label, h("span", { class: "note" }, `score ${score(value.score)}`)]
    : h("code", written(value)))

const changes = (about) => [
    {
        key: "item", label: "Recording", align: "long",
        cell: (row) => h(Link, { to: { view: "item", ...about, id: row.item } }, () => row.item),
    },
    { key: "a", label: "First", align: "long", cell: (row) => result(row.a) },
    { key: "b", label: "Second", align: "long", cell: (row) => result(row.b) },
]

/** The versions of every stage on disk, and what differs between two of them. */
export const Versions = {
    props: ["pipeline", "batch"],
    setup(props) {
        const about = () => ({ pipeline: props.pipeline, batch: props.batch })
        const versions = useResource(() => api("/versions", about()))
        const compared = () => {
            const rows = (versions.data?.versions ?? []).filter((row) => row.state !== "unsealed")
            const several = [...new Set(rows.map((row) => row.stage))].filter(
                (stage) => rows.filter((row) => row.stage === stage).length > 1
            )
            const stage = several.includes(address.query.stage) ? address.query.stage : several[0]
            const names = rows.filter((row) => row.stage === stage).map((row) => row.version)
            return { several, stage, names, a: address.query.a ?? names.at(-2), b: address.query.b ?? names.at(-1) }
        }
        const diff = useResource(() => {
            const { stage, a, b } = compared()
            return stage ? api("/diff", { ...about(), stage, a, b }) : null
        })
        const choose = (name, label, value, names) => h("label", { class: "field" }, [label, h("select", {
            value, onChange: (event) => go(
                changed({ ...(name === "stage" ? { a: undefined, b: undefined } : {}), [name]: event.target.value })
            ),
        }, names.map((option) => h("option", { key: option, value: option }, option)))])

        function difference(data) {
            const making = (data.making ?? []).map((line) => h("li", { key: line }, line))
            const items = Object.entries(counts).map(([name, words]) => h(
                "li", { key: name }, `${counted(data[name], "recording", "recordings")} ${words}`
            ))
            return [
                data.changes.length ? h(DataTable, {
                    caption: "Configuration that differs", columns: differences, rows: data.changes,
                    rowKey: (row) => row.key,
                })
                    : h(Empty, () => "The configuration is the same."),
                h("ul", { class: "reasons" }, [...making, ...items]),
                data.changed.length ? h("details", { class: "versions" }, [
                    h("summary", "Recordings with another result"),
                    h(DataTable, {
                        caption: data.changed.length < data.changed_items
                            ? `The first ${count(data.changed.length)} of ${count(data.changed_items)}`
                            : "Recordings with another result",
                        columns: changes(about()), rows: data.changed, rowKey: (row) => row.item,
                    }),
                ]) : null,
            ]
        }

        return () => h(Loaded, { resource: versions }, (data) => {
            const { several, stage, names, a, b } = compared()
            return [
                h("details", { class: "versions" }, [
                    h("summary", "Versions on disk"),
                    h(DataTable, {
                        caption: "Versions of every stage", hideCaption: true, columns, rows: data.versions,
                        rowKey: (row) => `${row.stage}/${row.version}`,
                    }),
                ]),
                stage ? h("section", { "aria-labelledby": "difference" }, [
                    h("h3", { id: "difference" }, "What differs between two versions"),
                    h("form", { class: "filters", onSubmit: (event) => event.preventDefault() }, [
                        choose("stage", "Stage", stage, several),
                        choose("a", "First", a, names), choose("b", "Second", b, names),
                    ]),
                    h(Loaded, { resource: diff }, difference),
                ]) : h("p", { class: "hint" }, "Each stage has one version of this night: nothing to compare."),
            ]
        })
    },
}
