import { h } from "../vue.js"
import { now } from "../state/clock.js"
import { asOf } from "../words/times.js"
import { Sign } from "./Status.js"

const titles = { 403: "This is not for your role", 404: "Nothing here" }

/** What went wrong, with a way on. */
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

/** Nothing to show, and what that means. */
export function Empty(_, { slots }) {
    return h("p", { class: "empty" }, slots.default?.())
}

/**
 * A resource in all its states: loading, failed, there, or there but not the newest. The slot gets the data.
 * `height` is about the content's, so that the page does not jump; `wait` is said to those who wait for long.
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
            h(Sign, { tone: "warn" }), `Could not be refreshed: what you see is as of ${asOf(loadedAt, now.value)}.`,
        ]) : null,
        slots.default(data),
    ]
}
Loaded.props = ["resource", "height", "wait"]
