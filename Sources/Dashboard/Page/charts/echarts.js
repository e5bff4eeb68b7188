// The one place that knows where ECharts stands.
import { echarts } from "../vendor/echarts.js"

export const init = (place) => echarts.init(place, null, { renderer: "canvas" })
