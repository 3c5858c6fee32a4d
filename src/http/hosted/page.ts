/** The page of an order: one document a state, complete without a script, kept up to date by one. */
import type { HostedPayment, HostedRail, HostedView } from '../../services/ramp/hosted/hosted-view'
import { html, type Markup } from './html'

export interface PageOptions {
  /** Path of the order's page; its commands are below it. */
  readonly path: string
  /** Path of the folder of scripts and stylesheets. */
  readonly assets: string
  /** What was refused just now, in a sentence. */
  readonly refusal?: string
}

/** The whole document. */
export function orderPage(view: HostedView, options: PageOptions): string {
  return documentOf(titleOf(view), options.assets, [
    html`<main data-path="${options.path}" data-state="${stateOf(view)}">
      <p class="merchant">${view.merchant}</p>
      <h1 tabindex="-1">${titleOf(view)}</h1>
      ${steps(view)}
      <p class="notice" role="alert">${options.refusal}</p>
      ${bodyOf(view, options.path)}
      <footer>
        <p>Reference ${view.reference}</p>
        ${isOver(view) ? null : html`<p>This page keeps itself up to date. You can close it and come back.</p>`}
      </footer>
    </main>`
  ])
}

/** What is shown where there is no order, or nobody may see it now. */
export function messagePage(title: string, sentence: string, assets: string): string {
  return documentOf(title, assets, [
    html`<main>
      <h1>${title}</h1>
      <p>${sentence}</p>
    </main>`
  ])
}

function documentOf(title: string, assets: string, body: readonly Markup[]): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="icon" href="${assets}/pay.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets}/pay.css" />
        <script src="${assets}/pay.js" defer></script>
      </head>
      <body>
        ${body}
        <p id="announcement" class="unseen" role="status"></p>
      </body>
    </html>`
  return page.text
}

/** What the script compares: when it changes there is something new to show. */
export function stateOf({ status, payment }: HostedView): string {
  return payment ? `${status} ${payment.status}` : status
}

function isOver({ status }: HostedView): boolean {
  return status === 'completed' || status === 'canceled'
}

const VERBS = {
  deposit: { created: 'Pay', picked_up: 'Pay', completed: 'Paid', canceled: 'Payment of' },
  withdrawal: { created: 'Receive', picked_up: 'Receive', completed: 'Received', canceled: 'Payout of' }
} as const

function titleOf(view: HostedView): string {
  const { payment, country } = view
  const verb = VERBS[view.paymentType][view.status]
  if (payment) return `${verb} ${money(payment.amountLocal)} ${country.currency}`
  return `${verb} ${money(view.amount)} ${view.currency === 'usd' ? 'USD' : country.currency}`
}

const STEPS = {
  deposit: ['Choose', 'Pay', 'Confirm', 'Done'],
  withdrawal: ['Choose', 'Wait', 'Confirm', 'Done']
} as const

/** How far it is; 4 when all of it is done. */
function stepOf({ status, payment }: HostedView): number {
  if (status === 'created') return 0
  if (status === 'completed') return 4
  return payment?.status === 'paid' ? 2 : 1
}

function steps(view: HostedView): Markup | null {
  if (view.status === 'canceled') return null
  const current = stepOf(view)
  return html`<ol class="steps">
    ${STEPS[view.paymentType].map((name, index) => {
      if (index === current) return html`<li aria-current="step">${name}</li>`
      return index < current ? html`<li class="done">${name}</li>` : html`<li>${name}</li>`
    })}
  </ol>`
}

function bodyOf(view: HostedView, path: string): Markup {
  const { status, payment, paymentType } = view
  if (status === 'completed') return completed(view)
  if (status === 'canceled') return canceled(view)
  if (!payment) return choice(view, path)
  if (paymentType === 'deposit')
    return payment.status === 'paid' ? confirming(view, payment) : paying(view, payment, path)
  return payment.status === 'paid' ? receiving(view, payment, path) : waiting(view, payment)
}

function choice(view: HostedView, path: string): Markup {
  const open = view.rails.filter(({ exchangeRate }) => exchangeRate !== null)
  const heading = view.paymentType === 'deposit' ? 'How do you want to pay?' : 'Where should the money go?'
  return html`<section class="card" aria-labelledby="choice">
    <h2 id="choice">${heading}</h2>
    ${open.length === 0 ? html`<p>Nobody can take this amount right now. Please try again in a few minutes.</p>` : null}
    ${view.rails.map((rail) =>
      rail.exchangeRate === null
        ? html`<p class="closed"><strong>${rail.label}</strong> is not available right now.</p>`
        : railForm(view, rail, path, open.length === 1)
    )}
    <form method="post" action="${path}/cancel"><button class="second">Cancel</button></form>
  </section>`
}

function railForm(view: HostedView, rail: HostedRail, path: string, isOpen: boolean): Markup {
  const { currency } = view.country
  const isDeposit = view.paymentType === 'deposit'
  return html`<details name="rail" ${isOpen ? html`open` : null}>
    <summary>
      <span class="rail">
        <strong>${rail.label}</strong>
        <span>${money(rail.amountLocal)} ${currency} at ${money(rail.exchangeRate)} ${currency} for 1 USD</span>
      </span>
    </summary>
    <form method="post" action="${path}/pick_up">
      <input type="hidden" name="paymentMethodType" value="${rail.identifier}" />
      ${isDeposit ? hint(rail) : rail.fields.map((field) => payoutField(field))}
      <button>${isDeposit ? 'Continue to payment' : 'Request payout'}</button>
      <p class="hint">The rate is fixed when you continue.</p>
    </form>
  </details>`
}

function payoutField({ identifier, label, required }: HostedRail['fields'][number]): Markup {
  return html`<label
    >${label}${required ? null : html` <span>(optional)</span>`}
    <input
      name="fields.${identifier}"
      ${required ? html`required` : null}
      ${/number|phone/.test(identifier) ? html`inputmode="tel"` : null}
      ${identifier === 'phone_number' ? html`autocomplete="tel"` : null}
      ${identifier === 'name' || identifier === 'account_name' ? html`autocomplete="name"` : null}
      maxlength="200"
  /></label>`
}

/** Helps the agent to recognise the payment. */
function hint({ fields }: HostedRail): Markup {
  const isPhone = fields.some(({ identifier }) => identifier === 'phone_number')
  const [name, label] = isPhone
    ? ['phoneNumber', 'The number you pay from']
    : ['bankAccountNumber', 'The account number you pay from']
  return html`<label
    >${label} <span>(optional, helps to find your payment)</span>
    <input name="${name}" inputmode="tel" ${isPhone ? html`autocomplete="tel"` : null} maxlength="64"
  /></label>`
}

function paying(view: HostedView, payment: HostedPayment, path: string): Markup {
  return html`<section class="card" aria-labelledby="now">
      <h2 id="now">Send exactly this amount to ${payment.agent}</h2>
      ${
        payment.expiresAt
          ? html`<p class="countdown" role="timer">
              Pay within <time datetime="${payment.expiresAt}" data-countdown>${clock(payment.expiresAtSecs)}</time>
            </p>`
          : null
      }
      <dl>
        ${copied('Amount', `${money(payment.amountLocal)} ${view.country.currency}`, payment.amountLocal)}
        ${copied('By', payment.paymentMethod.label)}
        ${payment.paymentMethod.fields.map(({ label, value }) => copied(label, value, value))}
        ${copied('Rate', `${money(payment.exchangeRate)} ${view.country.currency} for 1 USD`)}
      </dl>
    </section>
    <section class="card" aria-label="What next">
      <form method="post" action="${path}/paid">
        <label
          >Number of the transfer <span>(optional)</span> <input name="receipt" maxlength="500" autocomplete="off"
        /></label>
        <button>I have paid</button>
      </form>
      <form method="post" action="${path}/cancel">
        <button class="second">Cancel</button>
        <p class="hint">Cancel only if you have not paid.</p>
      </form>
    </section>`
}

function confirming(view: HostedView, payment: HostedPayment): Markup {
  return html`<section class="card" aria-labelledby="now">
    <h2 id="now" class="waiting">${payment.agent} is looking for your payment</h2>
    <p>This usually takes a few minutes. You do not have to do anything.</p>
    ${summary(view, payment)}
  </section>`
}

function waiting(view: HostedView, payment: HostedPayment): Markup {
  const sentence =
    payment.status === 'accepted'
      ? `${payment.agent} is sending your money`
      : 'We are asking an agent to send your money'
  return html`<section class="card" aria-labelledby="now">
    <h2 id="now" class="waiting">${sentence}</h2>
    <p>You do not have to do anything. We will ask you to confirm once it was sent.</p>
    ${summary(view, payment)}
  </section>`
}

function receiving(view: HostedView, payment: HostedPayment, path: string): Markup {
  return html`<section class="card" aria-labelledby="now">
    <h2 id="now">${payment.agent} has sent your money. Did it arrive?</h2>
    ${summary(view, payment)}
    <form method="post" action="${path}/received">
      <button>Yes, I have received it</button>
      <p class="hint">Confirm only once the money is in your account. If it does not arrive, ask ${view.merchant}.</p>
    </form>
  </section>`
}

function completed(view: HostedView): Markup {
  return html`<section class="card" aria-labelledby="now">
    <p class="outcome" aria-hidden="true">✓</p>
    <h2 id="now">${view.paymentType === 'deposit' ? 'Your payment is complete' : 'Your payout is complete'}</h2>
    ${view.payment ? summary(view, view.payment) : null} ${wayBack(view)}
  </section>`
}

function canceled(view: HostedView): Markup {
  return html`<section class="card" aria-labelledby="now">
    <p class="outcome void" aria-hidden="true">✕</p>
    <h2 id="now">This order was canceled</h2>
    <p>${view.paymentType === 'deposit' ? 'Do not pay for it any more.' : 'Nothing will be sent for it.'}</p>
    ${wayBack(view)}
  </section>`
}

/** Only a web address becomes a link: nothing that a browser would run. */
function wayBack({ redirectUrl, merchant }: HostedView): Markup | null {
  if (redirectUrl === null || !/^https?:\/\//i.test(redirectUrl)) return null
  return html`<a class="button" href="${redirectUrl}" rel="noreferrer">Back to ${merchant}</a>`
}

function summary(view: HostedView, payment: HostedPayment): Markup {
  return html`<dl>
    ${copied('Amount', `${money(payment.amountLocal)} ${view.country.currency}`)}
    ${copied('Rate', `${money(payment.exchangeRate)} ${view.country.currency} for 1 USD`)}
    ${copied('By', payment.paymentMethod.label)}
    ${view.paymentType === 'withdrawal' ? payment.paymentMethod.fields.map(({ label, value }) => copied(label, value)) : null}
  </dl>`
}

/** With a button that copies, for what is typed elsewhere. The script shows it. */
function copied(label: string, value: string, text?: string): Markup {
  if (text === undefined) {
    return html`<div>
      <dt>${label}</dt>
      <dd>${value}</dd>
    </div>`
  }
  return html`<div class="copied">
    <dt>${label}</dt>
    <dd>${value}</dd>
    <dd>
      <button class="copy" type="button" data-copy="${text}" aria-label="Copy ${label.toLowerCase()}" hidden>
        Copy
      </button>
    </dd>
  </div>`
}

/** `31000.0` reads `31,000.00`; more than two decimals stay. */
export function money(decimal: string | null): string {
  const [whole = '', fraction = ''] = (decimal ?? '').split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction.padEnd(2, '0')}`
}

/** Minutes and seconds. */
function clock(seconds: number | null): string {
  const left = seconds ?? 0
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
}
