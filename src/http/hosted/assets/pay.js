// Keeps the page of an order up to date and sends its forms without leaving it. Without this script the page
// works as well, only less conveniently.
;(() => {
  'use strict'

  const POLL_MILLISECONDS = 4_000
  const POLL_MILLISECONDS_MAX = 30_000
  let pause = POLL_MILLISECONDS
  let timer
  let isBusy = false

  const main = () => document.querySelector('main[data-path]')
  const say = (text) => {
    document.querySelector('#announcement').textContent = text
  }
  const complain = (text) => {
    main().querySelector('.notice').textContent = text
  }
  const stateOf = ({ status, payment }) => (payment ? `${status} ${payment.status}` : status)
  const isOver = () => /^(completed|canceled)/.test(main().dataset.state)

  /** Shows the order as the service has it now. */
  async function renew() {
    const answer = await fetch(main().dataset.path, { headers: { accept: 'text/html' }, cache: 'no-store' })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.querySelector('main[data-path]')
    if (!answer.ok || !fresh) throw new Error('no page')
    main().replaceWith(fresh)
    document.title = page.title
    prepare()
    fresh.querySelector('h1').focus({ preventScroll: true })
    window.scrollTo({ top: 0 })
    say(fresh.querySelector('h2')?.textContent ?? page.title)
  }

  async function look() {
    if (isBusy || isOver()) return
    const answer = await fetch(main().dataset.path, { headers: { accept: 'application/json' }, cache: 'no-store' })
    if (!answer.ok) throw new Error('no order')
    const order = await answer.json()
    if (!isBusy && stateOf(order) !== main().dataset.state) await renew()
  }

  function poll() {
    clearTimeout(timer)
    if (isOver() || document.hidden) return
    timer = setTimeout(async () => {
      try {
        await look()
        pause = POLL_MILLISECONDS
      } catch {
        pause = Math.min(2 * pause, POLL_MILLISECONDS_MAX)
      }
      poll()
    }, pause)
  }

  /** `fields.account_number` is a field of `fields`; what was left empty is left out. */
  function bodyOf(form) {
    const body = {}
    const fields = []
    for (const [name, value] of new FormData(form)) {
      if (value === '') continue
      if (name.startsWith('fields.')) fields.push({ identifier: name.slice('fields.'.length), value })
      else body[name] = value
    }
    return fields.length > 0 ? { ...body, fields } : body
  }

  async function send(form) {
    const answer = await fetch(form.getAttribute('action'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(bodyOf(form))
    })
    if (answer.ok) return undefined
    const { errors } = await answer.json()
    const [{ extensions, message }] = errors
    return extensions.detail ?? message
  }

  async function submit(event) {
    event.preventDefault()
    if (isBusy) return
    isBusy = true
    const button = event.target.querySelector('button:not([type])')
    button.disabled = true
    complain('')
    try {
      const refusal = await send(event.target)
      if (refusal === undefined) await renew()
      else complain(refusal)
    } catch {
      complain('There is no connection. Please try again.')
    } finally {
      button.disabled = false
      isBusy = false
      poll()
    }
  }

  async function copy(button) {
    await navigator.clipboard.writeText(button.dataset.copy)
    button.textContent = 'Copied'
    say('Copied')
    setTimeout(() => (button.textContent = 'Copy'), 2_000)
  }

  /** How long there is to pay, by the clock of this device corrected by what the service said was left. */
  function countDown(shown) {
    const [minutes, seconds] = shown.textContent.split(':').map(Number)
    const ends = Date.now() + (60 * minutes + seconds) * 1_000
    const tick = () => {
      if (!shown.isConnected) return
      const left = Math.max(0, Math.round((ends - Date.now()) / 1_000))
      shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
      if (left > 0) setTimeout(tick, 1_000)
    }
    tick()
  }

  function prepare() {
    for (const form of document.querySelectorAll('form')) form.addEventListener('submit', submit)
    for (const shown of document.querySelectorAll('[data-countdown]')) countDown(shown)
    for (const button of document.querySelectorAll('[data-copy]')) {
      button.hidden = !navigator.clipboard
      button.addEventListener('click', () => copy(button))
    }
  }

  if (!main()) return
  prepare()
  poll()
  document.addEventListener('visibilitychange', poll)
})()
