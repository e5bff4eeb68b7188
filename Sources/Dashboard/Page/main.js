import { createApp } from "./vue.js"
import { Frame } from "./parts/Frame.js"
import { startLive } from "./state/live.js"
import { startSession } from "./state/session.js"
import { startTheme } from "./state/theme.js"

startTheme()
startSession()
startLive()
createApp(Frame).mount("#page")
