// Who is looking, and whether a token has to be given first.
import { reactive } from "../vue.js"
import { api, load, send } from "./api.js"

/** `me` is what the server says of the viewer; `mustSignIn` once it has answered that a token is needed. */
export const session = reactive({ me: null, mustSignIn: false })

let again = null

export async function startSession() {
    clearTimeout(again)
    try {
        session.me = await load(api("/me"))
        session.mustSignIn = false
    } catch (problem) {
        if (problem.status === 401) session.mustSignIn = true
        else again = setTimeout(startSession, 5_000)
    }
}

/** Signs in with a token; throws a Problem if it is unknown. */
export async function signIn(token) {
    await send("login", { token })
    await startSession()
}

export async function signOut() {
    await send("logout")
    session.me = null
    session.mustSignIn = true
}
