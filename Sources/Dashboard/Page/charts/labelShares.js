// The share of each label, night by night or device by device: a field of one hue holds any number of labels.
import { percent } from "../words/numbers.js"
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"
import { frame, names, sum } from "./common.js"

const most = 20

const name = (label) => label || "(no label)"

/** `columns`: rows of /labels with `name`, what stands below each. */
export function labelShares(columns) {
    const { ink, muted, surface, ramp } = colours()
    const totals = new Map()
    for (const { labels } of columns) for (const { label, items } of labels) totals.set(label, (totals.get(label) ?? 0) + items)
    const kept = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most).map(([label]) => label)
    const share = (column, label) => (column.labels.find((entry) => entry.label === label)?.items ?? 0) / Math.max(1, sum(column.labels.map((entry) => entry.items)))
    const drawn = [...kept].reverse()
    const cells = columns.flatMap((column, x) => drawn.map((label, y) => [x, y, share(column, label)]))
    const highest = Math.max(0.01, ...cells.map(([, , value]) => value))
    return {
        option: {
            ...frame({
                trigger: "item", grid: { bottom: 44 },
                lines: ({ value: [x, y, part] }) => [`${name(drawn[y])}: ${percent(part)}`, columns[x].name],
            }),
            xAxis: names(columns.map((column) => column.name)),
            yAxis: names(drawn.map(name), { axisLabel: { color: ink, width: 110, overflow: "truncate" } }),
            visualMap: { min: 0, max: highest, calculable: false, orient: "horizontal", left: 0, bottom: 0, itemWidth: 10, itemHeight: 120,
                inRange: { color: ramp }, text: [percent(highest), "0"], textStyle: { color: muted } },
            series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: surface, borderWidth: 1, borderRadius: 2 }, emphasis: { itemStyle: { borderColor: ink } } }],
        },
        labels: drawn,
        summary: `${kept.length} labels in ${columns.length} columns, the highest share ${percent(highest)}.`,
        table: { columns: ["Label", ...columns.map((column) => column.name)], rows: kept.map((label) => [name(label), ...columns.map((column) => percent(share(column, label)))]) },
    }
}

/** Rows of /labels as columns of nights. */
export const byNight = (rows) => [...rows].sort((a, b) => (a.batch < b.batch ? -1 : 1)).map((row) => ({ ...row, name: nightName(row.batch, "short") }))
/** Rows of one night as columns of a field's values. */
export const byValue = (rows) => rows.map((row) => ({ ...row, name: row.value || "(none)" }))
