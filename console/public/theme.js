// Before the first paint: the theme that was chosen on this machine. A file of its own, as the
// content security policy forbids scripts in the page.
try {
  const theme = localStorage.getItem('tidegate.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's theme it is.
}
