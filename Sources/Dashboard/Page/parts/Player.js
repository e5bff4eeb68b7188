import { h, nextTick, onBeforeUnmount, ref } from "../vue.js"
import { loadBytes } from "../state/api.js"
import { duration } from "../words/numbers.js"
import { Failure } from "./Loaded.js"

/**
 * Plays a recording of `seconds`. It is loaded only on request, because every playback is recorded, and as a whole, so
 * that the player knows its length and can seek. `onTime` receives the position in seconds.
 */
export const Player = {
    props: ["src", "seconds", "onTime"],
    setup(props) {
        const sound = ref(null)
        const problem = ref(null)
        const isBusy = ref(false)
        const player = ref(null)
        const control = new AbortController()
        async function play() {
            isBusy.value = true
            problem.value = null
            try {
                sound.value = URL.createObjectURL(await loadBytes(props.src, control.signal))
                await nextTick()
                player.value?.focus()
            } catch (error) {
                if (!control.signal.aborted) problem.value = error
            }
            isBusy.value = false
        }
        function follow() {
            if (!player.value) return
            props.onTime(player.value.currentTime)
            if (!player.value.paused) requestAnimationFrame(follow)
        }
        onBeforeUnmount(() => {
            control.abort()
            if (sound.value) URL.revokeObjectURL(sound.value)
        })
        const words = () => (isBusy.value
            ? "Loading the recording …"
            : `▶ Play the recording${props.seconds ? `, ${duration(props.seconds)}` : ""}`)
        return () => [
            sound.value
                ? h("audio", {
                    ref: player, controls: true, autoplay: true, src: sound.value, "aria-label": "The recording",
                    onPlay: follow, onSeeked: follow,
                })
                : h("button", {
                    type: "button", class: "main play", disabled: isBusy.value, onClick: play,
                }, words()),
            problem.value ? h(Failure, { problem: problem.value }) : null,
            h("p", { class: "hint" }, "Every playback is recorded in the audit log."),
        ]
    },
}
