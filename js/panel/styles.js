/** The styles of the panel. */
export const styles = `
:host { color-scheme: light dark; display: block; font: 14px/1.45 system-ui, sans-serif; color: CanvasText; background: Canvas; padding: 1em; max-width: 60em }
h2 { margin: 0 0 .5em; font-size: 1.3em }
h3 { margin: 1.2em 0 .4em; font-size: 1.05em }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9em, 1fr)); gap: .5em; margin: 0 }
dl > div { border: 1px solid GrayText; border-radius: .4em; padding: .4em .6em; display: flex; flex-direction: column-reverse }
dd { margin: 0; font-size: 1.4em; font-variant-numeric: tabular-nums }
svg { max-width: 32em; width: 100%; display: block; margin-top: .6em }
text { fill: CanvasText; font-size: 10px; text-anchor: middle }
.bar, .sent { fill: #2a78c4 }
.asked { fill: #b36b00 }
.answered { fill: #2f8f4e }
.line { height: 6px; margin: .2em 0 0; max-width: none }
h4 { margin: .8em 0 .2em; font-size: 1em }
ul { margin: 0; padding-left: 1.2em; overflow-wrap: anywhere }
ol { list-style: none; margin: 0; padding: 0; max-height: 30em; overflow: auto }
ol > li { border-top: 1px solid GrayText; padding: .4em 0; overflow-wrap: anywhere }
ol code, ol span { display: block }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5em 0 0 }
form, p { display: flex; flex-wrap: wrap; gap: .6em; align-items: end; margin: 0 0 .4em }
label { flex: 1 1 16em }
input, button { font: inherit; padding: .3em .8em; color: CanvasText; background: Canvas; border: 1px solid GrayText; border-radius: .4em }
input { width: 100%; box-sizing: border-box }
`;
