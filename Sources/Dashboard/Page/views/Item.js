import { h } from "../vue.js"
import { Ledger } from "../parts/Ledger.js"
import { Lineage } from "../parts/Lineage.js"
import { Link } from "../parts/Link.js"
import { Loaded } from "../parts/Loaded.js"
import { Sound } from "../parts/Sound.js"
import { Status } from "../parts/Status.js"
import { address } from "../state/address.js"
import { api } from "../state/api.js"
import { useResource } from "../state/resource.js"
import { score } from "../words/numbers.js"
import { reasonName } from "../words/reasons.js"
import { exactMoment, nightName } from "../words/times.js"

function result(row) {
    const best = row.output?.top ?? row.output?.tags ?? []
    return h("section", { class: "panel", key: row.stage, "aria-label": `Result of ${row.stage}` }, [
        h("p", { class: "heard" }, [
            row.label ?? row.output?.text ?? "No label",
            row.score === null ? null : h("span", { class: "hint" }, ` score ${score(row.score)}`),
        ]),
        best.length ? h("ul", { class: "candidates" }, best.map(([label, value]) => h("li", { key: label }, [
            h("span", label), h("meter", { min: 0, max: 1, value, "aria-hidden": "true" }),
            h("span", { class: "number" }, score(value)),
        ]))) : null,
        h("p", { class: "provenance" }, [
            `Night of ${nightName(row.batch)}`, row.model ? `${row.model}@${row.model_version}` : null,
            `${row.stage} ${row.version}`, row.recorded_at ? `recorded ${exactMoment(row.recorded_at)}` : null,
        ].filter(Boolean).join(" · ")),
    ])
}

const rejection = (row) => h("div", { class: "notice tone-warn", key: row.stage }, h("div", [
    h(Status, { tone: "warn", word: `Rejected by ${row.stage}: ${reasonName(row.reason)}` }), h("p", row.message),
    h("p", { class: "provenance" }, `Night of ${nightName(row.batch)} · ${row.stage} ${row.version}`),
]))

/** The `clean` step whose sound the results were made from. */
function madeBy(lineage) {
    const { stage, version } = lineage.findLast((step) => step.tool === "clean") ?? {}
    return { stage, version }
}

/** One recording: its results, its sound and picture, and every step that it went through. */
export const Item = {
    setup() {
        const about = () => ({
            pipeline: address.query.pipeline, batch: address.query.batch, id: address.query.id,
            stage: address.query.stage,
        })
        const resource = useResource(() => api("/item", about()))
        return () => {
            const { pipeline, batch, id } = about()
            const itsNight = { view: "results", pipeline, from: batch, to: batch }
            return [
                h("p", { class: "back" }, [
                    h(Link, { to: itsNight }, () => "Results of its night"),
                    " · ",
                    h(Link, { to: { view: "runs", pipeline, batch } }, () => "How the night went"),
                ]),
                h("h1", { class: "item-name", tabindex: "-1" }, id || "No recording chosen"),
                h(Loaded, { resource, height: "tall" }, (data) => [
                    data.rejections.map(rejection),
                    data.predictions.map(result),
                    h(Sound, {
                        about: { ...about(), ...madeBy(data.lineage) }, isThere: data.predictions.length > 0,
                    }),
                    h(Ledger, {
                        ledger: data.ledger, missing: data.ledger_missing, fields: data.predictions[0]?.fields,
                    }),
                    h("section", { class: "panel", "aria-labelledby": "lineage" }, [
                        h("h2", { id: "lineage" }, "Where it comes from"),
                        h(Lineage, { steps: data.lineage, source: data.ledger?.fetch }),
                    ]),
                ]),
            ]
        }
    },
}
