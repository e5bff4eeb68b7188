// Ages and countdowns go by the server's clock: a viewer's own may be wrong, and old data must not look fresh by it.
import { ref } from "../vue.js"

let ahead = 0

/** The server's time, in milliseconds since 1970; moves on every 15 seconds. */
export const now = ref(Date.now())

function tick() { now.value = Date.now() + ahead }

setInterval(tick, 15_000)

/** Takes the time that an answer bears. */
export function setTime(text) {
    const time = Date.parse(text)
    if (Number.isNaN(time)) return
    ahead = time - Date.now()
    tick()
}
