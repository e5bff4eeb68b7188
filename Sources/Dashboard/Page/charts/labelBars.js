// What was heard in one night, beside what is usual.
import { count, percent } from "../words/numbers.js"
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"
import { frame, median, names, sum, values } from "./common.js"

const most = 12

const name = (label) => label || "(no label)"
const shareOf = (row, label) => (row.labels.find((entry) => entry.label === label)?.items ?? 0) / Math.max(1, sum(row.labels.map((entry) => entry.items)))

/** `night`: a row of /labels; `others`: the rows of the nights to compare with. */
export function labelBars(night, others) {
    const { main, ink, surface } = colours()
    const total = sum(night.labels.map((entry) => entry.items))
    const sorted = [...night.labels].sort((a, b) => b.items - a.items || (a.label < b.label ? -1 : 1))
    const rows = sorted.slice(0, most).map(({ label, items }) => ({ label, items, share: items / total, usual: median(others.map((row) => shareOf(row, label))) }))
    const rest = sum(sorted.slice(most).map((entry) => entry.items))
    const drawn = [...rows].reverse()
    const isCompared = others.length > 0
    return {
        option: {
            ...frame({
                trigger: "axis", legend: isCompared ? ["This night", "Usual"] : undefined,
                lines: ([{ dataIndex }]) => {
                    const { label, items, share, usual } = drawn[dataIndex]
                    return [name(label), `${count(items)} recordings, ${percent(share)}`, ...(isCompared ? [`usual: ${percent(usual)}`] : [])]
                },
            }),
            xAxis: values(percent, { splitNumber: 3 }),
            // The numbers stand in a column of their own, where no bar or mark lies under them.
            yAxis: [
                names(drawn.map(({ label }) => name(label)), { axisLabel: { color: ink, width: 120, overflow: "truncate", interval: 0 } }),
                names(drawn.map(({ items }) => count(items)), { position: "right", axisLine: { show: false }, axisLabel: { color: ink, interval: 0 } }),
            ],
            series: [
                { name: "This night", type: "bar", barMaxWidth: 20, itemStyle: { color: main, borderRadius: [0, 3, 3, 0] },
                    data: drawn.map(({ share }) => share) },
                ...(isCompared ? [{ name: "Usual", type: "scatter", symbol: "rect", symbolSize: [3, 18], z: 5, silent: true,
                    itemStyle: { color: ink, borderColor: surface, borderWidth: 1 }, data: drawn.map(({ usual }) => usual) }] : []),
            ],
        },
        labels: drawn.map(({ label }) => label),
        summary: `Most often ${rows.slice(0, 3).map(({ label, share }) => `${name(label)} (${percent(share)})`).join(", ")}; ${nightName(night.batch)}.`,
        table: {
            columns: ["Label", "Recordings", "Share", "Usual share"],
            rows: [...rows.map(({ label, items, share, usual }) => [name(label), count(items), percent(share), percent(usual)]),
                ...(rest ? [["all others", count(rest), percent(rest / total), ""]] : [])],
        },
    }
}
