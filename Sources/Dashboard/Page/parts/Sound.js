import { h, ref } from "../vue.js"
import { api } from "../state/api.js"
import { useResource } from "../state/resource.js"
import { session } from "../state/session.js"
import { count, duration, percent } from "../words/numbers.js"
import { Drawing } from "./Drawing.js"
import { Loaded } from "./Loaded.js"
import { Player } from "./Player.js"
import { drawSpectrogram, drawWaveform, loudest } from "../charts/sound.js"

const points = 800

function whyNot() {
    if (session.me?.role !== "engineer") return "Playing a recording needs the role “engineer”."
    return "Recordings cannot be played: the server was started without the batch folders (--root)."
}

/** A recording's player, waveform and spectrogram. */
export const Sound = {
    props: ["about", "isThere"],
    setup(props) {
        const isShown = () => props.isThere && session.me?.root
        const waveform = useResource(() => (isShown() ? api("/item/waveform", { ...props.about, points }) : null))
        const spectrogram = useResource(() => (isShown() ? api("/item/spectrogram", props.about) : null))
        /** The playback position in seconds. */
        const position = ref(null)
        const timed = ({ seconds }) => ({
            ends: [duration(0), duration(seconds)], at: position.value === null ? null : position.value / seconds,
        })

        return () => h("section", { class: "panel", "aria-labelledby": "sound" }, [
            h("h2", { id: "sound" }, "Sound"),
            session.me?.audio && props.isThere
                ? h(Player, {
                    key: api("/item/audio", props.about), src: api("/item/audio", props.about),
                    seconds: waveform.data?.seconds, onTime: (seconds) => { position.value = seconds },
                })
                : h("p", { class: "hint" }, props.isThere ? whyNot() : "A rejected recording has no cleaned sound."),
            isShown() ? [
                h(Loaded, { resource: waveform }, (data) => h(Drawing, {
                    title: "Waveform", height: "low", data, draw: drawWaveform, ...timed(data),
                    summary: `${duration(data.seconds)}, ${count(data.sample_rate)} Hz; peak ${percent(loudest(data))}`,
                })),
                h(Loaded, { resource: spectrogram }, (data) => h(Drawing, {
                    title: "Spectrogram", height: "middle", data, draw: drawSpectrogram, ...timed(data),
                    summary: `${data.bands} bands of frequency (mel), the lowest at the bottom.`,
                })),
            ] : null,
        ])
    },
}
