// What all charts share: type, axes, and tooltips drawn on the canvas (the page's policy allows no inline style).
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"

const font = "system-ui, sans-serif"

/** The frame of a chart; `lines(parameters)` gives the lines of its tooltip. */
export function frame({ lines, trigger = "axis", legend, grid }) {
    const { ink, muted, line, surface } = colours()
    return {
        animation: false,
        textStyle: { fontFamily: font, color: ink },
        grid: {
            left: 8, right: 16, top: legend ? 36 : 14, bottom: 8, outerBoundsMode: "same",
            outerBoundsContain: "axisLabel", ...grid,
        },
        legend: legend ? {
            data: legend, top: 0, left: 0, type: "scroll", itemWidth: 12, itemHeight: 12, icon: "roundRect",
            textStyle: { color: ink },
            inactiveColor: muted, pageTextStyle: { color: muted }, pageIconColor: ink, pageIconInactiveColor: muted,
        } : undefined,
        tooltip: {
            trigger, renderMode: "richText", confine: true, backgroundColor: surface, borderColor: line, textStyle: {
                color: ink, fontFamily: font,
            },
            axisPointer: { type: "shadow", shadowStyle: { color: muted, opacity: 0.1 } },
            formatter: (parameters) => lines(parameters).join("\n"),
        },
    }
}

/** An axis of names. */
export function names(data, more = {}) {
    const { muted, line } = colours()
    return { type: "category", data, axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
        axisLabel: { color: muted, hideOverlap: true, ...more.axisLabel }, ...without(more) }
}

/** An axis of nights, the oldest first. */
export const nights = (batches) => names(batches.map((batch) => nightName(batch, "short")))

/** An axis of values, written by `text`. */
export function values(text, more = {}) {
    const { muted, line } = colours()
    return { type: "value", splitNumber: 4, axisLabel: {
        color: muted, formatter: (value) => text(value), hideOverlap: true,
        showMaxLabel: Number.isFinite(more.max) && !more.interval ? false : undefined,
    },
        splitLine: { lineStyle: { color: line } }, ...more }
}

/** The end of an axis whose values are at most `most`: that limit, once values come near it. */
export const endingAt = (most) => ({ max }) => (max > most * 0.7 ? most : null)

function without({ axisLabel, ...more }) { return more }

/** The ids of the nights in rows with `batch`, the oldest first. */
export const batchesOf = (rows) => [...new Set(rows.map((row) => row.batch))].sort()

export const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0)

export function median(numbers) {
    const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b)
    const middle = sorted.length >> 1
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
