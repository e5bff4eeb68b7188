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

/** That the choice is of more nights than are listed and drawn, and the way to the others. */
function CutShort({ scope }) {
    const first = scope.cutAt
    const said = `The newest ${count(scope.listed.data.batches.length)} nights of these are shown, from `
        + `${nightName(first, "plain")} on; recordings and exports are of all.`
    return h("div", { class: "notice tone-busy" }, [
        h(Sign, { tone: "busy" }),
        h("p", [
            said, " ",
            isDate(first)
                ? h(Link, { to: changed({ to: nightsBefore(first, 1) }) }, () => "Those before")
                : null,
        ]),
    ])
}
CutShort.props = ["scope"]

/**
 * The head that the views of one pipeline share. The default slot comes once the pipelines are known; `controls` go
 * into the bar.
 */
export function View({ title, scope, saysAge = true }, { slots }) {
    return [
        h("h1", { tabindex: "-1" }, title),
        h(Loaded, { resource: pipelines(), height: "tall" }, (data) => {
            if (!data.pipelines.length) return h(Empty, () => "The database holds no pipeline yet.")
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
