import { h, ref, watch } from "../vue.js"
import { now } from "../state/clock.js"
import { live } from "../state/live.js"
import { pipelines } from "../state/pipelines.js"
import { asOf, nightName } from "../words/times.js"
import { Sign } from "./Status.js"

/** How long a break may last before it is shown: a restarting server is back within a moment. */
const grace = 2_000
/** How long the notice of an update stays. */
const stay = 8_000

const banner = (tone, ...words) => h("div", { class: ["banner", `tone-${tone}`] }, [h(Sign, { tone }), h("p", words)])

/** What concerns the whole page: the connection, the database, and a brief notice of new results. */
export const Banners = {
    setup() {
        const isCut = ref(false)
        const update = ref(null)
        let waiting = null
        let leaving = null
        watch(() => live.connection, (state) => {
            clearTimeout(waiting)
            if (state === "lost") waiting = setTimeout(() => { isCut.value = true }, grace)
            else isCut.value = false
        })
        watch(() => live.update, (news) => {
            clearTimeout(leaving)
            update.value = news
            leaving = setTimeout(() => { update.value = null }, stay)
        })
        const age = () => {
            const at = pipelines().loadedAt
            return at ? ` Showing data as of ${asOf(at, now.value)}.` : ""
        }
        return () => {
            const isAway = live.database === "lost" || pipelines().problem?.status === 503
            const trouble = isCut.value
                ? banner("bad", "Connection to the server lost; reconnecting.", age())
                : isAway ? banner(
                    "bad", "The database is unavailable; this page recovers by itself.", age()
                ) : null
            const news = update.value
            return [
                h("div", { class: "banners", role: "alert" }, trouble),
                h("div", { class: "updates", role: "status" }, news ? h("p", { class: "update" },
                    `Updated: ${news.pipeline ?? "results"}${news.batch ? `, ${nightName(news.batch)}` : ""}`) : null),
            ]
        }
    },
}
