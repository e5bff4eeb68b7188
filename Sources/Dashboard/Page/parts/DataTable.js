import { h } from "../vue.js"

const next = (sort, key) => (sort === `-${key}` ? key : `-${key}`)

function heading({ key, label, align, sortable }, sort, onSort) {
    const direction = sort === key ? "ascending" : sort === `-${key}` ? "descending" : undefined
    const arrow = { ascending: " ↑", descending: " ↓" }[direction] ?? ""
    return h("th", { key, scope: "col", role: "columnheader", class: align, "aria-sort": direction }, sortable
        ? h("button", { type: "button", class: "sort", onClick: () => onSort(next(sort, key)) }, [
            label, h("span", { "aria-hidden": "true" }, arrow),
        ])
        : label)
}

/** On a narrow screen a cell is shown next to its column's name, in one piece. */
const whole = (content) => (Array.isArray(content) ? h("span", content) : content)

/**
 * A table whose rows become cards on a narrow screen. `columns`: {key, label, align, sortable, cell(row)}; the first
 * column heads its row.
 * `align`: "right" for numbers, "tight" for text that must not wrap, "long" for text that may wrap anywhere.
 * The roles are explicit because the narrow layout removes the table's display.
 */
export function DataTable({ caption, hideCaption, columns, rows, rowKey, rowClass, sort, onSort }) {
    const cell = (column, row, index) => h(index ? "td" : "th", {
        key: column.key, role: index ? "cell" : "rowheader", scope: index ? undefined : "row", class: column.align,
        "data-label": column.label,
    }, whole(column.cell ? column.cell(row) : row[column.key]))
    return h("div", { class: "table-box" }, h("table", { class: "data", role: "table" }, [
        h("caption", { class: hideCaption ? "for-ears" : undefined }, caption),
        h(
            "thead", { role: "rowgroup" },
            h("tr", { role: "row" }, columns.map((column) => heading(column, sort, onSort)))
        ),
        h("tbody", { role: "rowgroup" }, rows.map((row, index) => h("tr", {
            key: rowKey?.(row) ?? index, role: "row", class: rowClass?.(row),
        },
            columns.map((column, place) => cell(column, row, place))))),
    ]))
}
DataTable.props = ["caption", "hideCaption", "columns", "rows", "rowKey", "rowClass", "sort", "onSort"]
