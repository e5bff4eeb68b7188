import { h } from "../vue.js"
import { labelBars } from "../charts/labelBars.js"
import { byNight, byValue, labelShares } from "../charts/labelShares.js"
import { scoreHistogram } from "../charts/scoreHistogram.js"
import { Chart } from "../parts/Chart.js"
import { Choice } from "../parts/Choice.js"
import { Empty, Loaded } from "../parts/Loaded.js"
import { Predictions } from "../parts/Predictions.js"
import { View } from "../parts/View.js"
import { address, changed, go } from "../state/address.js"
import { useResource } from "../state/resource.js"
import { useScope } from "../state/scope.js"
import { nightName } from "../words/times.js"

const newest = (rows) => rows?.reduce((last, row) => (!last || row.batch > last.batch ? row : last), null)

/** The results of the selected nights. */
export const Results = {
    setup() {
        const scope = useScope()
        const by = () => address.query.by ?? "device"
        // A pipeline can have several models in a row; charts show one at a time.
        const stages = () => [...new Set((labels.data?.batches ?? []).map((row) => row.stage))]
        const ofStage = (rows) => scope.ofNights(rows).filter(
            (row) => row.stage === (address.query.stage ?? stages()[0] ?? row.stage)
        )
        const labels = useResource(() => scope.whereListed("/labels", { stage: address.query.stage }))
        const scores = useResource(() => scope.whereListed(
            "/scores", { stage: address.query.stage, label: address.query.label }
        ))
        // One night: the charts by device show the newest selected night.
        const parted = useResource(() => {
            const night = newest(ofStage(labels.data?.batches ?? []))?.batch
            return night ? scope.where("/labels", {
                from: night, to: night, stage: address.query.stage, by: by(),
            }) : null
        })
        const filterBy = (names) => ({ dataIndex, value }) => {
            const label = names[Array.isArray(value) ? value[1] : dataIndex]
            go(changed({ label: label === address.query.label ? undefined : label }))
        }

        function heard(rows) {
            const night = newest(rows)
            const bars = labelBars(night, rows.filter((row) => row !== night))
            const shares = labelShares(byNight(rows, scope.axis(rows)))
            return [
                h(Chart, {
                    title: `Labels in the night of ${nightName(night.batch, "short")}`, chart: bars, height: "tall",
                    nights: [scope.night(night.batch)], onPick: filterBy(bars.labels),
                }),
                h(Chart, {
                    title: "Share of each label, night by night", chart: shares, height: "tall",
                    nights: rows.map((row) => scope.night(row.batch)), onPick: filterBy(shares.labels),
                }),
            ]
        }

        function scored({ edges, batches }) {
            const rows = ofStage(batches)
            const night = newest(rows)
            if (!night) return null
            const { label } = address.query
            return h(Chart, {
                title: label ? `How sure the model was of “${label}”` : "How sure the model was",
                hint: "Score of each recording; 1 is certain.",
                chart: scoreHistogram(edges, night, rows.filter((row) => row !== night)),
                nights: [scope.night(night.batch)],
            })
        }

        const split = (rows) => {
            const columns = byValue(ofStage(rows))
            if (!columns.length) return null
            return h(Chart, {
                title: `Share of each label by ${by()}`, chart: labelShares(columns),
                nights: [scope.night(columns[0].batch)],
            })
        }

        const known = () => {
            const all = (labels.data?.batches ?? []).flatMap((row) => row.labels.map(({ label }) => label))
            return [...new Set(all)].sort()
        }

        return () => h(View, { title: "Results", scope }, {
            controls: () => [
                stages().length > 1 ? h(Choice, {
                    name: "stage", label: "Model stage", options: stages().map((name) => [name, name]),
                }) : null,
                h(Choice, { name: "by", label: "Split by", options: [["device", "Device"], ["site", "Site"]] }),
            ],
            default: () => [
                h(Loaded, { resource: labels, height: "tall" }, ({ batches }) => {
                    const rows = ofStage(batches)
                    if (!rows.length) return h(Empty, () => "No results in these nights. Choose others above.")
                    return h("div", { class: "charts" }, [
                        ...heard(rows),
                        h(Loaded, { resource: scores }, scored),
                        h(Loaded, { resource: parted }, (data) => split(data.batches)),
                    ])
                }),
                h(Predictions, { scope, labels: known() }),
            ],
        })
    },
}
