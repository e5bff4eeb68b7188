import { h } from "../vue.js"
import { pipelines } from "../state/pipelines.js"
import { Empty, Failure, Loaded } from "./Loaded.js"
import { NotCurrent } from "./NotCurrent.js"
import { ScopeBar } from "./ScopeBar.js"

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
                    saysAge ? h(NotCurrent, { row: scope.row }) : null,
                    slots.default(),
                ],
            ]
        }),
    ]
}
View.props = ["title", "scope", "saysAge"]
