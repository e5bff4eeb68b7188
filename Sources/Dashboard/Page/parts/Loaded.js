import { h } from "../vue.js"
import { now } from "../state/clock.js"
import { asOf } from "../words/times.js"
import { Sign } from "./Status.js"

const titles = { 403: "Your role does not allow this", 404: "Nothing here" }

/** An error, with a button to try again where that can help. */
export function Failure({ problem, retry }) {
    return h("div", { class: "notice tone-bad", role: "alert" }, [
        h(Sign, { tone: "bad" }),
        h("div", [
            h("strong", titles[problem.status] ?? problem.title),
            problem.message !== problem.title ? h("p", problem.message) : null,
            retry && problem.status !== 404 && problem.status !== 403 ? h(
                "button", { type: "button", onClick: retry }, "Try again"
            ) : null,
        ]),
    ])
}
Failure.props = ["problem", "retry"]

/** A sentence in place of an empty list. */
export function Empty(_, { slots }) {
    return h("p", { class: "empty" }, slots.default?.())
}

/**
 * A resource in all its states: loading, failed, loaded, or loaded but not refreshed. The slot receives the data.
 * `height` is roughly the content's, so that the page does not jump; `wait` is shown when loading takes long.
 */
export function Loaded({ resource, height, wait = "Still loading …" }, { slots }) {
    const { data, problem, isLoading, loadedAt, retry } = resource
    if (!data && problem) return h(Failure, { problem, retry })
    if (!data) {
        if (!isLoading) return null
        return h(
            "div", { class: ["loading", `height-${height ?? "middle"}`], role: "status" },
            h("span", { class: "wait" }, wait)
        )
    }
    return [
        problem ? h("p", { class: "notice tone-warn", role: "status" }, [
            h(Sign, { tone: "warn" }), `Could not refresh; showing data as of ${asOf(loadedAt, now.value)}.`,
        ]) : null,
        slots.default(data),
    ]
}
Loaded.props = ["resource", "height", "wait"]
