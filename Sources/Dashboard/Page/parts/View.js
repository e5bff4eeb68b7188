import { h } from "../vue.js"
import { changed } from "../state/address.js"
import { pipelines } from "../state/pipelines.js"
import { count } from "../words/numbers.js"
import { isDate, nightName, nightsBefore } from "../words/times.js"
import { Link } from "./Link.js"
import { Empty, Failure, Loaded } from "./Loaded.js"
import { NotCurrent } from "./NotCurrent.js"
import { ScopeBar } from "./ScopeBar.js"
import { Sign } from "./Status.js"

/** The notice that more nights are selected than are listed and drawn, with a link to the others. */
function CutShort({ scope }) {
    const first = scope.cutAt
    const said = `Showing the newest ${count(scope.listed.data.batches.length)} of these nights, from `
        + `${nightName(first, "plain")} on. Recordings and exports cover all of them.`
    return h("div", { class: "notice tone-busy" }, [
        h(Sign, { tone: "busy" }),
        h("p", [
            said, " ",
            isDate(first)
                ? h(Link, { to: changed({ to: nightsBefore(first, 1) }) }, () => "Earlier nights")
                : null,
        ]),
    ])
}
CutShort.props = ["scope"]

/** The head that all views of one pipeline share. The default slot renders once the pipelines are loaded; `controls` go
 * into the bar.
 */
export function View({ title, scope, saysAge = true }, { slots }) {
    return [
        h("h1", { tabindex: "-1" }, title),
        h(Loaded, { resource: pipelines(), height: "tall" }, (data) => {
            if (!data.pipelines.length) return h(Empty, () => "The database has no pipelines yet.")
            const isUnknown = !scope.row
            return [
                h(ScopeBar, { scope }, slots.controls),
                isUnknown ? h(Failure, {
                    problem: { status: 404, message: `There is no pipeline “${scope.pipeline}”.` },
                }) : [
                    scope.cutAt ? h(CutShort, { scope }) : null,
                    saysAge ? h(NotCurrent, { row: scope.row }) : null,
                    slots.default(),
                ],
            ]
        }),
    ]
}
View.props = ["title", "scope", "saysAge"]
