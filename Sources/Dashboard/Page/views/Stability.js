import { h } from "../vue.js"
import { alertLine } from "../charts/alertLine.js"
import { nightSeries } from "../charts/nightSeries.js"
import { Alerts } from "../parts/Alerts.js"
import { Chart } from "../parts/Chart.js"
import { Empty, Loaded } from "../parts/Loaded.js"
import { NightStrip } from "../parts/NightStrip.js"
import { View } from "../parts/View.js"
import { useResource } from "../state/resource.js"
import { useScope } from "../state/scope.js"
import { bytes, counted, decimal, duration } from "../words/numbers.js"

const stageNames = (nights) => [...new Set(nights.flatMap((night) => night.stages.map((row) => row.stage)))]

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

/** How steadily the nights run. */
export const Stability = {
    setup() {
        const scope = useScope()
        const alerts = useResource(() => scope.where("/alerts"))

        function charts(rows) {
            const nights = [...rows].reverse()
            const ids = nights.map((night) => night.batch)
            const limits = nights.flatMap((night) => night.stages.map((row) => row.summary?.memory_limit_bytes)).filter(Number.isFinite)
            const waits = perStage(nights, waited)
            const speed = perStage(nights, (row, night) => row.seconds / night.audio_seconds)
            return [
                h(Chart, { title: "Time per night", hint: "Seconds of each stage, upon each other.", nights,
                    chart: nightSeries(ids, perStage(nights, (row) => row.seconds), duration, { kind: "stack" }) }),
                speed.length ? h(Chart, { title: "Real-time factor", hint: "Seconds of work per second of audio; below 1 is faster than the sound.", nights,
                    chart: nightSeries(ids, speed, decimal, { log: true }) }) : null,
                h(Chart, { title: "Memory", hint: limits.length ? "Peak of each stage, and the limit." : "Peak of each stage.", nights,
                    chart: nightSeries(ids, perStage(nights, (row) => row.peak_memory_bytes), bytes,
                        { limit: limits.length ? { name: "limit", value: Math.min(...limits) } : undefined }) }),
                waits.length ? h(Chart, { title: "Waiting", hint: "How long stages stood still for another one.", nights,
                    chart: nightSeries(ids, waits, duration, { kind: "stack" }) }) : null,
            ]
        }

        function alerted({ alerts: rows }) {
            const nights = [...new Set(rows.map((row) => row.batch))].map(scope.night)
            return h("section", { class: "panel", "aria-labelledby": "alerts" }, [
                h("h2", { id: "alerts" }, "Alerts"),
                rows.length ? [
                    h(Chart, { title: counted(rows.length, "alert", "alerts"), chart: alertLine(rows), nights, height: "low" }),
                    h(Alerts, { alerts: rows }),
                ] : h(Empty, () => "No alerts in these nights."),
            ])
        }

        return () => h(View, { title: "Stability", scope }, () => [
            h(Loaded, { resource: scope.nights, height: "tall" }, ({ batches }) => (batches.length ? [
                h(NightStrip, { nights: [...batches].reverse() }),
                h("div", { class: "charts" }, charts(batches)),
            ] : h(Empty, () => "No nights here. Choose others above."))),
            h(Loaded, { resource: alerts }, alerted),
        ])
    },
}
