/** Whoever holds a key chooses its URL: webhooks go to the public internet alone, and by https. */
import { PublicAddresses, type AddressBook } from '../../public-addresses'
import { TargetRefused, type WebhookTargets } from '../../webhooks/webhook-client'

export { isPublicAddress, type AddressBook } from '../../public-addresses'

export class PublicTargets extends PublicAddresses implements WebhookTargets {
  constructor(book?: AddressBook) {
    super(book, (message) => new TargetRefused(message))
  }

  check(url: URL): void {
    if (url.protocol !== 'https:') throw new TargetRefused('webhooks are only sent by https')
    this.checkHost(url)
  }
}
