import { h } from "../vue.js"
import { alertLine } from "../charts/alertLine.js"
import { nightSeries } from "../charts/nightSeries.js"
import { Alerts } from "../parts/Alerts.js"
import { Chart } from "../parts/Chart.js"
import { Empty, Loaded } from "../parts/Loaded.js"
import { NightStrip } from "../parts/NightStrip.js"
import { View } from "../parts/View.js"
import { now } from "../state/clock.js"
import { useResource } from "../state/resource.js"
import { useScope } from "../state/scope.js"
import { bytes, count, counted, decimal, duration, percent, ratio } from "../words/numbers.js"

/** The most that the server returns in one answer. */
const mostAlerts = 1_000

const stageNames = (nights) => [...new Set(nights.flatMap((night) => night.stages.map((row) => row.stage)))]

/** The steps of a time axis: round seconds and minutes. */
const spans = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800]

/** For each stage, a figure of each night; null where there is none. */
function perStage(nights, figure) {
    const found = stageNames(nights).map((name) => ({
        name, data: nights.map((night) => {
            const row = night.stages.find((stage) => stage.stage === name)
            const value = row ? figure(row, night) : null
            return Number.isFinite(value) ? value : null
        }),
    }))
    return found.filter(({ data }) => data.some((value) => value !== null))
}

const waited = ({ summary }) => {
    const spans = [summary?.waited_for_input, summary?.waited_for_followers].filter(Number.isFinite)
    return spans.length ? spans.reduce((a, b) => a + b) : null
}

/** How reliably and how fast the nights run. */
export const Stability = {
    setup() {
        const scope = useScope()
        const alerts = useResource(() => scope.whereListed("/alerts", { limit: mostAlerts }))

        function charts(rows) {
            const nights = [...rows].reverse()
            const ids = nights.map((night) => night.batch)
            const times = perStage(nights, (row) => row.seconds)
            // The length of the sound is known only for loaded versions.
            const speeds = perStage(nights, (row, night) => ratio((row.loaded ?? row).seconds, night.audio_seconds))
            const waits = perStage(nights, waited).filter(({ data }) => data.some((seconds) => seconds > 0))
            return [
                h(Chart, {
                    title: "Time per night", hint: "All stages, stacked.", nights,
                    chart: nightSeries(ids, times, duration, { kind: "stack", steps: spans }),
                }),
                speeds.length ? h(Chart, {
                    title: "Real-time factor", nights, chart: nightSeries(ids, speeds, decimal, { log: true }),
                    hint: "Seconds of work per second of sound: 0.1 is ten times faster than listening.",
                }) : null,
                memory(nights, ids),
                waits.length ? h(Chart, {
                    title: "Waiting", hint: "How long each stage waited for another.", nights,
                    chart: nightSeries(ids, waits, duration, { kind: "stack", steps: spans }),
                }) : h("section", { class: "panel", "aria-label": "Waiting" }, [
                    h("h2", "Waiting"), h(Empty, () => "No stage waited for another in these nights."),
                ]),
            ]
        }

        function memory(nights, ids) {
            const stages = nights.flatMap((night) => night.stages)
            const peak = Math.max(0, ...stages.map((row) => row.peak_memory_bytes ?? 0))
            const limits = stages.map((row) => row.memory_limit_bytes).filter(Number.isFinite)
            const limit = limits.length ? Math.min(...limits) : null
            const share = `The highest is ${percent(ratio(peak, limit))} of the limit (${bytes(limit)}).`
            return h(Chart, {
                title: "Memory", nights,
                hint: `Peak of each stage. ${limit ? share : "The limit was not recorded."}`,
                chart: nightSeries(ids, perStage(nights, (row) => row.peak_memory_bytes), bytes, {
                    // A limit far above the values would flatten them.
                    limit: limit && peak > limit * 0.3 ? { name: "limit", value: limit } : undefined,
                }),
            })
        }

        function alerted({ alerts: rows, next }) {
            const hint = next
                ? `The newest ${count(rows.length)} alerts in these nights. There are older ones: choose fewer nights.`
                : counted(rows.length, "alert in these nights", "alerts in these nights")
            const nights = [...new Set(rows.map((row) => row.batch))].map(scope.night)
            const first = Date.parse(scope.nights.at(-1)?.batch)
            return h("section", { class: "panel", "aria-label": "Alerts" }, [
                rows.length ? [
                    h(Chart, {
                        title: "Alerts", hint,
                        chart: alertLine(rows, first, now.value), nights, height: "low",
                    }),
                    h(Alerts, { alerts: rows }),
                ] : [h("h2", "Alerts"), h(Empty, () => "No alerts in these nights.")],
            ])
        }

        return () => h(View, { title: "Stability", scope }, () => [
            h(Loaded, { resource: scope.listed, height: "tall" }, () => (scope.nights.length ? [
                h(NightStrip, { nights: [...scope.nights].reverse(), hasOlder: scope.cutAt !== null }),
                h("div", { class: "charts" }, charts(scope.nights)),
            ] : h(Empty, () => "No nights in this range. Choose another above."))),
            h(Loaded, { resource: alerts }, alerted),
        ])
    },
}
