// The labels of one night, compared with the usual ones.
import { count, percent } from "../words/numbers.js"
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"
import { frame, median, names, sum, values } from "./common.js"
import { byItems, itemsOf, labelName, shareOf } from "./labels.js"

const most = 12

/** `night`: a row of /labels; `others`: the rows of the nights to compare with. */
export function labelBars(night, others) {
    const { main, ink, surface } = colours()
    const total = itemsOf(night)
    const sorted = [...night.labels].sort(byItems)
    const rows = sorted.slice(0, most).map(({ label, items }) => ({
        name: labelName(label), label, items, share: items / total,
        usual: median(others.map((row) => shareOf(row, label))),
    }))
    const rest = sum(sorted.slice(most).map(({ items }) => items))
    const drawn = [...rows].reverse()
    const isCompared = others.length > 0
    const usual = {
        name: "Usual", type: "scatter", symbol: "rect", symbolSize: [3, 18], z: 5, silent: true,
        itemStyle: { color: ink, borderColor: surface, borderWidth: 1 }, data: drawn.map((row) => row.usual),
    }
    const often = rows.slice(0, 3).map(({ name, share }) => `${name} (${percent(share)})`).join(", ")
    return {
        option: {
            ...frame({
                legend: isCompared ? ["This night", "Usual"] : undefined,
                lines: ([{ dataIndex }]) => {
                    const row = drawn[dataIndex]
                    const lines = [row.name, `${count(row.items)} recordings, ${percent(row.share)}`]
                    return isCompared ? [...lines, `usual: ${percent(row.usual)}`] : lines
                },
            }),
            xAxis: values(percent, { splitNumber: 3 }),
            // The numbers have a column of their own, so that no bar or mark is under them.
            yAxis: [
                names(drawn.map(({ name }) => name), {
                    axisLabel: { color: ink, width: 120, overflow: "truncate", interval: 0 },
                }),
                names(drawn.map(({ items }) => count(items)), {
                    position: "right", axisLine: { show: false }, axisLabel: { color: ink, interval: 0 },
                }),
            ],
            series: [
                {
                    name: "This night", type: "bar", barMaxWidth: 20, data: drawn.map(({ share }) => share),
                    itemStyle: { color: main, borderRadius: [0, 3, 3, 0] },
                },
                ...(isCompared ? [usual] : []),
            ],
        },
        labels: drawn.map(({ label }) => label),
        summary: `Most often ${often}; ${nightName(night.batch)}.`,
        table: {
            columns: ["Label", "Recordings", "Share", "Usual share"],
            rows: [
                ...rows.map((row) => [row.name, count(row.items), percent(row.share), percent(row.usual)]),
                ...(rest ? [["all others", count(rest), percent(rest / total), ""]] : []),
            ],
        },
    }
}
