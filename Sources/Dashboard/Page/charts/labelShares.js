// The share of each label, night by night or device by device: a field of one hue fits any number of labels.
import { counted, percent } from "../words/numbers.js"
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"
import { frame, names } from "./common.js"
import { byItems, itemsOf, labelName, shareOf } from "./labels.js"

const most = 20

/** The labels of all columns, the most frequent first. */
function frequent(columns) {
    const totals = new Map()
    for (const { label, items } of columns.flatMap(({ labels }) => labels)) {
        totals.set(label, (totals.get(label) ?? 0) + items)
    }
    const sorted = [...totals].map(([label, items]) => ({ label, items })).sort(byItems)
    return sorted.slice(0, most).map(({ label }) => label)
}

/** The columns that set the range of shares: with a device's only recording, every share is all or nothing. */
function wellFilled(columns) {
    const least = Math.max(1, ...columns.map(itemsOf)) / 4
    return columns.filter((column) => itemsOf(column) >= least)
}

/** `columns`: rows of /labels with `name`, the text below each. */
export function labelShares(columns) {
    const { ink, muted, surface, ramp } = colours()
    const kept = frequent(columns)
    const drawn = [...kept].reverse()
    const shares = wellFilled(columns).flatMap((column) => kept.map((label) => shareOf(column, label)))
    const highest = Math.max(0.01, ...shares)
    const cells = columns.flatMap((column, x) => drawn.map((label, y) => {
        const share = shareOf(column, label)
        return { value: [x, y, Math.min(share, highest)], share }
    })).filter(({ share }) => Number.isFinite(share))
    const isCut = cells.some(({ share }) => share > highest)
    return {
        option: {
            ...frame({
                trigger: "item", grid: { bottom: 44 },
                lines: ({ data: { value: [x, y], share } }) => [
                    `${labelName(drawn[y])}: ${percent(share)}`,
                    `${columns[x].name}, ${counted(itemsOf(columns[x]), "recording", "recordings")}`,
                ],
            }),
            xAxis: names(columns.map((column) => column.name)),
            yAxis: names(drawn.map(labelName), { axisLabel: { color: ink, width: 110, overflow: "truncate" } }),
            visualMap: {
                min: 0, max: highest, calculable: false, orient: "horizontal", left: 0, bottom: 0,
                itemWidth: 10, itemHeight: 120, inRange: { color: ramp },
                text: [isCut ? `${percent(highest)} and more` : percent(highest), "0"], textStyle: { color: muted },
            },
            series: [{
                type: "heatmap", data: cells, itemStyle: { borderColor: surface, borderWidth: 1, borderRadius: 2 },
                emphasis: { itemStyle: { borderColor: ink } },
            }],
        },
        labels: drawn,
        summary: `${kept.length} labels in ${columns.length} columns, the highest share ${percent(highest)}.`,
        table: {
            columns: ["Label", ...columns.map((column) => column.name)],
            rows: kept.map((label) => [labelName(label), ...columns.map((column) => percent(shareOf(column, label)))]),
        },
    }
}

/** Rows of /labels as columns of nights; `batches`: all of them, for a night without results is a gap. */
export const byNight = (rows, batches) => batches.map((batch) => ({
    labels: [], ...rows.find((row) => row.batch === batch), name: nightName(batch, "short"),
}))

/** Rows of one night as columns of a field's values. */
export const byValue = (rows) => rows.map((row) => ({ ...row, name: row.value || "(none)" }))
