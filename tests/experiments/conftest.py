import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Models of six units: two threads would only wait for each other, for seconds where others use the cores, too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
