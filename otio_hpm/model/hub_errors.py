"""What goes wrong with the hub, told as a user can act on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from otio_hpm.errors import ModelError
from otio_hpm.files import output_error
from otio_hpm.model.catalogue import Offer
from otio_hpm.model.published import folder_of, next_step

_NEEDS_ACCOUNT = (401, 403)


@contextlib.contextmanager
def errors_told(offer: Offer) -> Iterator[None]:
    """Raise ModelError for what the hub or the way to it raises, OutputError for the disk."""
    from huggingface_hub import errors

    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        raise ModelError(
            "HF_HUB_OFFLINE is set, so nothing is fetched", hint=by_hand(offer)
        ) from error
    except errors.HfHubHTTPError as error:
        raise _refused(offer, error) from error
    except errors.HTTPError as error:
        raise ModelError(
            f"the hub cannot be reached: {str(error) or type(error).__name__}; what has been "
            "fetched stays, and the next run goes on from there",
            hint=by_hand(offer),
        ) from error
    except OSError as error:
        if error.errno is not None:
            raise output_error(folder_of(offer), error) from error
        raise ModelError(f"fetching broke off: {error}", hint="Run it again to go on.") from error


def by_hand(offer: Offer) -> str:
    """What to do where there is no network."""
    return (
        f"Where there is a network, download https://huggingface.co/{offer.repository}/tree/"
        f"{offer.revision}, copy the folder to {folder_of(offer)}, and run `otio-hpm "
        f"{next_step(offer)}`."
    )


def _refused(offer: Offer, error: OSError) -> ModelError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in _NEEDS_ACCOUNT:
        return ModelError(
            f"the hub refuses {offer.repository} without an account that may read it",
            hint="Set HF_TOKEN to a token of such an account (huggingface.co/settings/tokens).",
        )
    return ModelError(
        f"the hub answered with status {status} for {offer.repository}; what has been fetched "
        "stays, and the next run goes on from there",
        hint="Run it again later. Where HF_ENDPOINT names a mirror, it may not have it.",
    )
