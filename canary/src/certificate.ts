// The certificate that visitors are shown, as the canary is shown it.
import { connect } from 'node:tls'

/** When it ends, in seconds since 1970; 0 for an address without one. Also of one that is not valid. @throws when nobody answers */
export async function readCertificateExpiry(address: string, timeoutMs: number): Promise<number> {
  const { protocol, hostname, port } = new URL(address)
  if (protocol !== 'https:') return 0
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port: Number(port || 443),
      servername: hostname,
      rejectUnauthorized: false,
    })
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${address} did not answer`)))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to) / 1_000)
      socket.destroy()
    })
  })
}
