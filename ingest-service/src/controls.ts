// Characters that a terminal, or whatever reads a text by lines, takes for a command; with them anyone's name could forge what is read.

const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Spells each as JSON would, so that it can still be told what was there; `except` stays. */
export const escapeControls = (text: string, except = ''): string =>
  text.replace(controls, (control) =>
    control === except
      ? control
      : control
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  )
