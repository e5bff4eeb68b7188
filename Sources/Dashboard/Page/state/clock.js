// Ages and countdowns use the server's clock: the viewer's own may be wrong and make old data look fresh.
import { ref } from "../vue.js"

let ahead = 0

/** The server's time, in milliseconds since 1970; moves on every 15 seconds. */
export const now = ref(Date.now())

function tick() { now.value = Date.now() + ahead }

setInterval(tick, 15_000)

/** Sets the clock to the time of an answer. */
export function setTime(text) {
    const time = Date.parse(text)
    if (Number.isNaN(time)) return
    ahead = time - Date.now()
    tick()
}
