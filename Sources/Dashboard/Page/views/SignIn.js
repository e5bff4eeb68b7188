import { h, onMounted, ref } from "../vue.js"
import { signIn } from "../state/session.js"

/** Asks for a token; the server answers with a cookie that scripts cannot read. */
export const SignIn = {
    setup() {
        const field = ref(null)
        const message = ref("")
        const isBusy = ref(false)
        onMounted(() => field.value?.focus())
        async function submit(event) {
            event.preventDefault()
            isBusy.value = true
            message.value = ""
            try {
                await signIn(field.value.value.trim())
            } catch (problem) {
                message.value = problem.status === 401
                    ? "Unknown token. Check that you copied all of it."
                    : problem.message
                field.value.focus()
            }
            isBusy.value = false
        }
        return () => h("main", { class: "sign-in" }, [
            h("h1", [h("img", { src: "favicon.svg", alt: "", width: 40, height: 40 }), "Nocturne"]),
            h("form", { method: "post", onSubmit: submit }, [
                // For password managers; the server derives the user from the token.
                h("input", { type: "text", name: "username", autocomplete: "username", hidden: true }),
                h("label", { for: "token" }, "Your access token"),
                h("input", {
                    ref: field, id: "token", name: "token", type: "password", autocomplete: "current-password",
                    required: true,
                    "aria-describedby": "token-message", "aria-invalid": message.value ? "true" : undefined,
                }),
                h("p", { id: "token-message", class: "tone-bad", role: "alert" }, message.value),
                h(
                    "button", { type: "submit", class: "main", disabled: isBusy.value },
                    isBusy.value ? "Signing in …" : "Sign in"
                ),
            ]),
            h("p", { class: "hint" }, "Ask your administrator for a token."),
        ])
    },
}
