import { h } from "../vue.js"
import { count, counted, percent } from "../words/numbers.js"
import { nightName, nightRange } from "../words/times.js"

const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0)

/** The nights, models and share of recordings behind a figure; `nights` are rows of /batches. */
export function Provenance({ nights }) {
    const rows = nights.filter(Boolean)
    if (!rows.length) return null
    const names = rows.map((row) => row.batch).sort()
    const models = [...new Set(rows.map((row) => row.model).filter(Boolean))].sort()
    const items = sum(rows, "items")
    const received = items + sum(rows, "rejected")
    const when = rows.length === 1
        ? `Night of ${nightName(names[0])}`
        : `${counted(rows.length, "night", "nights")}, ${nightRange(names[0], names.at(-1))}`
    const coverage = received ? `${count(items)} of ${count(received)} recordings (${percent(items / received)})` : null
    return h("p", { class: "provenance" }, [when, models.join(", "), coverage].filter(Boolean).join(" · "))
}
Provenance.props = ["nights"]
