import { h, nextTick, watch } from "../vue.js"
import { address } from "../state/address.js"
import { pipelines, usePipelines } from "../state/pipelines.js"
import { session } from "../state/session.js"
import { DataQuality } from "../views/DataQuality.js"
import { Item } from "../views/Item.js"
import { Results } from "../views/Results.js"
import { Runs } from "../views/Runs.js"
import { SignIn } from "../views/SignIn.js"
import { Stability } from "../views/Stability.js"
import { Tonight } from "../views/Tonight.js"
import { Banners } from "./Banners.js"
import { Header } from "./Header.js"

/** The views by their name in the address; those with a tab have `tab`. */
export const views = {
    tonight: { tab: "Tonight", view: Tonight }, results: { tab: "Results", view: Results }, stability: {
        tab: "Stability", view: Stability,
    },
    quality: {
        tab: "Data quality", view: DataQuality,
    }, runs: { tab: "Runs", view: Runs }, item: { title: "Recording", view: Item },
}

const current = () => (address.query.view in views ? address.query.view : "tonight")

function title() {
    const rows = pipelines().data?.pipelines ?? []
    const troubled = rows.filter((row) => row.state === "red").length
    const { tab, title } = views[current()]
    return `${troubled ? `(${troubled}!) ` : ""}${tab ?? title} · Nocturne`
}

/** Everything around a view: tabs, banners, footer, and the sign-in before it. */
export const Frame = {
    setup() {
        usePipelines()
        watch(title, (text) => { document.title = text }, { immediate: true })
        // For screen readers and keyboards a new view is a new page: start at its heading.
        watch(current, async () => {
            await nextTick()
            scrollTo(0, 0)
            document.querySelector("h1")?.focus({ preventScroll: true })
        })
        return () => {
            if (session.mustSignIn) return h(SignIn)
            return [
                h("a", { class: "skip", href: "#main", onClick: (event) => {
                    event.preventDefault()
                    document.getElementById("main").focus()
                } }, "Skip to content"),
                h(Header, { views, current: current() }),
                h(Banners),
                h("main", { id: "main", tabindex: "-1" }, h(views[current()].view, { key: current() })),
                h("footer", { class: "footer" }, [
                    h("span", `Nocturne ${session.me?.version ?? ""}`), h("a", { href: "openapi.json" }, "API"),
                    h("span", `Times are in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`),
                ]),
            ]
        }
    },
}
