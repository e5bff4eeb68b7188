import { h } from "../vue.js"
import { address, changed, go } from "../state/address.js"
import { pipelines } from "../state/pipelines.js"
import { isDate } from "../words/times.js"
import { Link } from "./Link.js"

/** The choice of the pipeline and the nights. `extra`: further controls of the view. */
export function ScopeBar({ scope }, { slots }) {
    const rows = pipelines().data?.pipelines ?? []
    const names = rows.map((row) => row.pipeline)
    if (scope.pipeline && !names.includes(scope.pipeline)) names.unshift(scope.pipeline)
    // A night's id is a date by default, and then the browser's own picker, in the viewer's locale, is best.
    const type = [scope.from, scope.to].every((name) => !name || isDate(name)) ? "date" : "text"
    const night = (name, label, value) => h("label", { class: "field" }, [label, h("input", {
        type, value: value ?? "", max: type === "date" && isDate(scope.newest) ? scope.newest : undefined,
        onChange: (event) => go(changed({ [name]: event.target.value })),
    })])
    return h("form", { class: "scope", "aria-label": "What is shown", onSubmit: (event) => event.preventDefault() }, [
        h("label", { class: "field" }, ["Pipeline", h("select", {
            value: scope.pipeline ?? "", onChange: (event) => go(
                changed({ pipeline: event.target.value, from: undefined, to: undefined, batch: undefined })
            ),
        }, names.map((name) => h("option", { key: name, value: name }, name)))]),
        night("from", "From night", scope.from),
        night("to", "To night", scope.to),
        slots.default?.(),
        address.query.from || address.query.to
            ? h(Link, { class: "newest", to: changed({ from: undefined, to: undefined }) }, () => "Newest nights")
            : null,
    ])
}
ScopeBar.props = ["scope"]
