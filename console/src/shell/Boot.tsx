/** What is shown until it is known what to show: the same as `index.html` has before the scripts came. */
export function Boot() {
  return (
    <div className="boot" aria-busy="true">
      <img src="/icon.svg" alt="" />
      <span>Tidegate</span>
    </div>
  );
}
