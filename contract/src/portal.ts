// What the portal's own routes take and answer, beside the analytics: who is signed in, and links to share.
import Type, { type Static } from 'typebox'

/** Most share links of a tenant that are open at one time. */
export const maxLiveShareLinks = 20
/** A share link ends by itself after at most this many days. */
export const maxShareDays = 90
export const maxShareLabelLength = 100

/** What every share token starts with, so that a person can tell it from their own. */
export const shareTokenPrefix = 'sl_'

/** `GET /portal/session` */
export const Session = Type.Object({
  tenant: Type.Object({ name: Type.String(), time_zone: Type.String() }),
  /** When the share link ends by which the numbers are read; null for the tenant itself. */
  shared_until: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
})
export type Session = Static<typeof Session>

export const ShareLink = Type.Object({
  share_id: Type.String(),
  label: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  expires_at: Type.String({ format: 'date-time' }),
})
export type ShareLink = Static<typeof ShareLink>

/** `GET /portal/shares` */
export const ShareLinks = Type.Object({ shares: Type.Array(ShareLink) })
export type ShareLinks = Static<typeof ShareLinks>

/** The body of `POST /portal/shares` */
export const NewShareLink = Type.Object(
  {
    label: Type.Optional(Type.String({ maxLength: maxShareLabelLength })),
    days: Type.Integer({ minimum: 1, maximum: maxShareDays }),
  },
  { additionalProperties: false },
)

/** Its answer: the only time that the address is shown. */
export const MadeShareLink = Type.Object({ ...ShareLink.properties, share_url: Type.String() })
export type MadeShareLink = Static<typeof MadeShareLink>
