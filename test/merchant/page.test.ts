/**
 * The page of an order in a real browser, on a screen the size of a phone.
 *
 * Goal: a customer gets through both kinds of orders with taps and typing alone, sees what others do meanwhile
 * without reloading, and can do all of it without a script; the browser finds nothing to complain about. Method:
 * the machine's Chromium, driven from outside; `.ci/run` installs one.
 */
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import type { TestAgent, TestMerchant } from '../agent/support'
import { MerchantSide } from './support'

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable']
const EXECUTABLE = process.env.CHROMIUM_PATH ?? BROWSERS.find((path) => existsSync(path))
/** Where the browser has to be there, its absence is a failure; elsewhere it is told. */
const isNeeded = EXECUTABLE !== undefined || process.env.HAZINA_TEST_BROWSER === '1'
const inBrowser = isNeeded ? describe : describe.skip
if (!isNeeded) console.warn('no Chromium is installed, or CHROMIUM_PATH does not name it: the page is not tested')

const PHONE = { viewport: { width: 375, height: 720 }, hasTouch: true, locale: 'en-GB' }

inBrowser('the page', () => {
  let browser: Browser
  let side: MerchantSide
  let agent: TestAgent
  let merchant: TestMerchant
  let complaints: string[]

  beforeAll(async () => {
    if (EXECUTABLE === undefined) throw new Error('no Chromium: install one, or name it with CHROMIUM_PATH')
    // The browser's own sandbox needs privileges that builds do not have; the page is this service's own.
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
    side = await MerchantSide.open()
    await side.ramp.market('NGN', '1540', '1535')
    agent = await side.agent()
    merchant = await side.ramp.merchant({})
  })

  beforeEach(() => {
    complaints = []
  })

  afterEach(() => {
    expect(complaints).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await side?.close()
    expect(side?.failures).toEqual([])
  })

  async function open(id: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ ...PHONE, ...options })
    const page = await context.newPage()
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      // A refused command is a failed request to the console; the page shows it.
      if (message.type() === 'error' && !/status of (409|422)/.test(message.text())) complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(side.base)) complaints.push(`asked for ${request.url()}`)
    })
    await page.goto(side.pageOf(id))
    await expectNarrow(page)
    return page
  }

  /** Nothing sticks out at the side of the screen. */
  async function expectNarrow(page: Page): Promise<void> {
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0)
  }

  const heading = (page: Page, text: string | RegExp): Promise<void> =>
    page.getByRole('heading', { name: text }).first().waitFor()

  it('leads through a deposit', async () => {
    const order = await side.hosted(merchant, { reference: 'page-deposit', redirectUrl: 'https://shop.test/done' })
    const page = await open(order.id)
    await heading(page, 'Pay 20.00 USD')
    await page.getByLabel(/account number you pay from/).fill('1111111111')
    await page.getByRole('button', { name: 'Continue to payment' }).tap()
    await heading(page, 'Pay 31,000.00 NGN')
    await expectNarrow(page)
    expect(await page.locator('dl').innerText()).toContain('0123456789')
    const time = page.locator('[data-countdown]')
    const first = await time.innerText()
    expect(first).toMatch(/^(30:00|29:\d\d)$/)
    await time.filter({ hasNotText: first }).waitFor()
    await page.getByLabel(/Number of the transfer/).fill('slip 9')
    await page.getByRole('button', { name: 'I have paid' }).tap()
    await heading(page, /is looking for your payment/)
    const paymentId = await side.paymentOf(merchant, 'page-deposit')
    expect(await agent.payment(paymentId, 'status receipt payerBankAccountNumber')).toEqual({
      status: 'paid',
      receipt: 'slip 9',
      payerBankAccountNumber: '1111111111'
    })
    expect(await agent.command('markDepositAsReceived', paymentId)).toBe(true)
    // Nobody touches the page: it looks by itself.
    await heading(page, 'Your payment is complete')
    expect(await page.getByRole('link', { name: /^Back to/ }).getAttribute('href')).toBe('https://shop.test/done')
    expect(await page.locator('[role=status]').innerText()).toBe('Your payment is complete')
    await page.context().close()
  })

  it('leads through a withdrawal', async () => {
    const order = await side.hosted(merchant, { reference: 'page-withdrawal', paymentType: 'withdrawal' })
    const page = await open(order.id)
    await heading(page, 'Receive 20.00 USD')
    await page.getByRole('button', { name: 'Request payout' }).tap()
    // The browser does not send a form that lacks what is required.
    expect(await side.view(order.id)).toMatchObject({ status: 'created' })
    await page.getByLabel('Account name').fill('Jane Doe')
    await page.getByLabel('Account number').fill('5555555555')
    await page.getByLabel(/^Bank/).fill('First Bank')
    await page.getByRole('button', { name: 'Request payout' }).tap()
    await heading(page, /asking an agent/)
    const paymentId = await side.paymentOf(merchant, 'page-withdrawal')
    expect(await agent.command('acceptWithdrawal', paymentId)).toBe(true)
    await heading(page, /is sending your money/)
    expect(await agent.markPaid(paymentId)).toBe(true)
    await heading(page, /Did it arrive/)
    await expectNarrow(page)
    await page.getByRole('button', { name: /received it/ }).tap()
    await heading(page, 'Your payout is complete')
    expect(await side.request(merchant, 'page-withdrawal')).toMatchObject({ status: 'completed' })
    await page.context().close()
  })

  it('says why something was refused, and stays usable', async () => {
    const order = await side.hosted(merchant, { reference: 'page-refusal' })
    const page = await open(order.id)
    await side.ramp.orders.cancelHosted(side.ramp.context(), merchant.id, await requestId('page-refusal'))
    await page.getByRole('button', { name: 'Continue to payment' }).tap()
    await page.getByRole('alert').filter({ hasText: 'not in a state that allows this' }).waitFor()
    await heading(page, 'This order was canceled')
    await page.context().close()
  })

  it('takes a deposit back', async () => {
    const order = await side.hosted(merchant, { reference: 'page-cancel' })
    const page = await open(order.id)
    await page.getByRole('button', { name: 'Continue to payment' }).tap()
    await heading(page, 'Pay 31,000.00 NGN')
    await page.getByRole('button', { name: 'Cancel' }).tap()
    await heading(page, 'This order was canceled')
    expect(await side.request(merchant, 'page-cancel')).toMatchObject({ status: 'canceled' })
    await page.context().close()
  })

  it('needs no script', async () => {
    const order = await side.hosted(merchant, { reference: 'page-plain' })
    const page = await open(order.id, { javaScriptEnabled: false, colorScheme: 'dark' })
    await page.getByRole('button', { name: 'Continue to payment' }).tap()
    await heading(page, 'Pay 31,000.00 NGN')
    expect(page.url()).toBe(side.pageOf(order.id))
    await page.getByRole('button', { name: 'I have paid' }).tap()
    await heading(page, /is looking for your payment/)
    await page.reload()
    await heading(page, /is looking for your payment/)
    await page.context().close()
  })

  it('can be read and worked without seeing it', async () => {
    const order = await side.hosted(merchant, { reference: 'page-access', paymentType: 'withdrawal' })
    const page = await open(order.id)
    const faults = await page.evaluate(`[
      ...[...document.querySelectorAll('input:not([type=hidden])')].filter((input) => input.labels.length === 0),
      ...[...document.querySelectorAll('button, summary, a')].filter((one) => one.textContent.trim() === ''),
      ...[...document.querySelectorAll('button, summary, input:not([type=hidden])')]
        .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
    ].map((one) => one.outerHTML)`)
    expect(faults).toEqual([])
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    expect(await page.locator('h1').count()).toBe(1)
    expect(await page.locator('main').count()).toBe(1)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid')
    await page.context().close()
  })

  async function requestId(reference: string): Promise<string> {
    const request = await side.ramp.orders.findByReference(merchant.id, reference)
    if (!request) throw new Error(`there is no order ${reference}`)
    return request.id
  }
})
