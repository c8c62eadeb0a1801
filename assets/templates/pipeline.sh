
heading() { printf '\n== %s\n' "$*"; }
summary() { [ -z "${GITHUB_STEP_SUMMARY:-}" ] || printf '%s\n' "$*" >>"$GITHUB_STEP_SUMMARY"; }

lint() {
  local assume=(--assume "$ASSUME") inputs=() files=() base=${1:-} root file
  [ -z "${SIDESTEP_CATALOG:-}" ] || { assume=(); inputs=("$SIDESTEP_CATALOG"); }
  local format=text
  [ -z "${GITHUB_ACTIONS:-}" ] || format=github
  if [ -n "$base" ]; then
    root=$(git rev-parse --show-toplevel) || exit 2
    while IFS= read -r -d '' file; do files+=("$root/$file"); done \
      < <(git -C "$root" diff -z --name-only --diff-filter=AMR "$base" -- '*.sql')
  else
    while IFS= read -r -d '' file; do files+=("$file"); done < <(find "$PWD" -name '*.sql' -print0 | sort -z)
  fi
  [ ${#files[@]} -gt 0 ] || { echo 'no SQL file to lint'; exit 0; }
  sidestep lint ${assume[@]+"${assume[@]}"} --format "$format" --fail-on "${SIDESTEP_FAIL_ON:-danger}" -- \
    ${inputs[@]+"${inputs[@]}"} "${files[@]}"
}

case ${1:-} in
  stages) printf '%s\n' "${STAGES[@]}" ;;
  stage) stage "${2:-}" ;;
  promote) promote "${2:-}" "${3:-}" ;;
  rehearse) rehearse ;;
  verify) sidestep verify . ;;
  lint) lint "${2:-}" ;;
  --help | -h) usage ;;
  *) usage >&2; exit 2 ;;
esac
